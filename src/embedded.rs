//! Mocks in this process, put where a target file says `embedded`.

use std::io;

use tokio::runtime::Runtime;

use crate::{
    ids::Edition,
    mock::{Dialect, MockOptions, MockServer},
    target::Target,
};

/// Why a mock cannot stand in for a target.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error("cannot start the mock of {dialect}: {source}")]
    NotStarted { dialect: Dialect, source: io::Error },
    #[error("there is no mock of {0}: give it a base_url")]
    NoMock(Edition),
}

/// Starts one mock and puts its addresses into the target.
///
/// # Errors
/// When it cannot be started.
pub async fn start(target: &mut Target, options: MockOptions) -> Result<MockServer, EmbeddedError> {
    let dialect = options.edition;
    let server = MockServer::start(options)
        .await
        .map_err(|source| EmbeddedError::NotStarted { dialect, source })?;
    target.resolve(dialect.edition(), server.base_url(), server.common_url());
    Ok(server)
}

/// Starts a mock for each edition that the target wants embedded, all of this variation.
///
/// # Errors
/// When one cannot be started, or the project has an edition that no mock speaks.
pub async fn start_all(
    target: &mut Target,
    variation: u64,
) -> Result<Vec<MockServer>, EmbeddedError> {
    let mut servers = Vec::new();
    for dialect in wanted(target)? {
        servers.push(start(target, options(dialect, variation)).await?);
    }
    Ok(servers)
}

/// Mocks that serve on a thread of their own, as a tenant elsewhere does, beside the one that asks them.
#[derive(Debug, Default)]
pub struct Mocks {
    servers: Vec<MockServer>,
    /// `None` where there is no mock.
    runtime: Option<Runtime>,
}

impl Mocks {
    /// As [`start_all`], on a thread of their own.
    ///
    /// # Errors
    /// As [`start_all`].
    pub async fn start(target: &mut Target, variation: u64) -> Result<Self, EmbeddedError> {
        let mut mocks = Self::default();
        for dialect in wanted(target)? {
            let failed = |source| EmbeddedError::NotStarted { dialect, source };
            let runtime = match &mut mocks.runtime {
                Some(runtime) => runtime,
                none => none.insert(thread().map_err(failed)?),
            };
            let starting = runtime.spawn(MockServer::start(options(dialect, variation)));
            let started = starting.await.map_err(io::Error::other);
            let server = started.and_then(|server| server).map_err(failed)?;
            target.resolve(dialect.edition(), server.base_url(), server.common_url());
            mocks.servers.push(server);
        }
        Ok(mocks)
    }
}

impl Drop for Mocks {
    fn drop(&mut self) {
        self.servers.clear();
        if let Some(runtime) = self.runtime.take() {
            // Whoever drops it may be in a runtime, where nobody may wait for another.
            runtime.shutdown_background();
        }
    }
}

fn thread() -> io::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("mock").enable_all();
    builder.build()
}

/// The editions that the target wants embedded.
fn wanted(target: &Target) -> Result<Vec<Dialect>, EmbeddedError> {
    let unknown =
        |edition: &&Edition| target.embedded(**edition) && Dialect::of(**edition).is_none();
    if let Some(edition) = target.editions.keys().find(unknown) {
        return Err(EmbeddedError::NoMock(*edition));
    }
    let mut all = Dialect::ALL.to_vec();
    all.retain(|dialect| target.embedded(dialect.edition()));
    Ok(all)
}

fn options(dialect: Dialect, variation: u64) -> MockOptions {
    let mut options = MockOptions::new(dialect);
    options.variation = variation;
    options
}

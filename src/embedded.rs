//! Mocks in this process, put where a target file says `embedded`.

use std::io;

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
    let unknown =
        |edition: &&Edition| target.embedded(**edition) && Dialect::of(**edition).is_none();
    if let Some(edition) = target.editions.keys().find(unknown) {
        return Err(EmbeddedError::NoMock(*edition));
    }
    for dialect in Dialect::ALL {
        if target.embedded(dialect.edition()) {
            let mut options = MockOptions::new(dialect);
            options.variation = variation;
            servers.push(start(target, options).await?);
        }
    }
    Ok(servers)
}

//! Mocks in this process, put where a target file says `embedded`.

use crate::{
    ids::Edition,
    mock::{Dialect, MockOptions, MockServer},
    target::Target,
};

/// Starts one mock and puts its addresses into the target.
///
/// # Errors
/// A sentence when it cannot be started.
pub async fn start(target: &mut Target, options: MockOptions) -> Result<MockServer, String> {
    let dialect = options.edition;
    let server = MockServer::start(options)
        .await
        .map_err(|error| format!("cannot start the mock of {dialect}: {error}"))?;
    target.resolve(dialect.edition(), server.base_url(), server.common_url());
    Ok(server)
}

/// Starts a mock for each edition that the target wants embedded, all of this variation.
///
/// # Errors
/// A sentence when one cannot be started.
pub async fn start_all(target: &mut Target, variation: u64) -> Result<Vec<MockServer>, String> {
    let mut servers = Vec::new();
    let strange =
        |edition: &&Edition| target.embedded(**edition) && Dialect::of(**edition).is_none();
    if let Some(edition) = target.editions.keys().find(strange) {
        return Err(format!("there is no mock of {edition}: give it a base_url"));
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

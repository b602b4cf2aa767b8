//! Mocks in this process, put where a target file says `embedded`.

use crate::{
    ids::Edition,
    mock::{MockOptions, MockServer},
    target::Target,
};

/// Starts one mock and puts its addresses into the target.
///
/// # Errors
/// A sentence when it cannot be started.
pub async fn start(target: &mut Target, options: MockOptions) -> Result<MockServer, String> {
    let edition = options.edition;
    let server = MockServer::start(options)
        .await
        .map_err(|error| format!("cannot start the mock of {edition}: {error}"))?;
    target.settle(edition, server.base_url(), server.common_url());
    Ok(server)
}

/// Starts a mock for each edition that the target wants embedded, all of this variation.
///
/// # Errors
/// A sentence when one cannot be started.
pub async fn start_all(target: &mut Target, variation: u64) -> Result<Vec<MockServer>, String> {
    let mut servers = Vec::new();
    for edition in Edition::ALL {
        if target.embedded(edition) {
            let mut options = MockOptions::new(edition);
            options.variation = variation;
            servers.push(start(target, options).await?);
        }
    }
    Ok(servers)
}

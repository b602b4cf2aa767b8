//! Hands requests on to a target, for a relay that stands in front of it.
//!
//! Never: judges, records or repeats anything. What the relay sends is what it was sent.

use std::sync::Arc;

use futures_util::{FutureExt as _, future::BoxFuture};

use super::{
    is_plain,
    wire::{Doubt, Wire},
};
use crate::{
    exchange::{Request, Response, TransportError},
    target::Target,
};

/// Connections to one host, beyond those of a careful target.
const CONNECTIONS: usize = 64;

/// Gives the answer to a request as it came, and `None` where there is none.
pub type HandOn = Arc<dyn Fn(Request) -> BoxFuture<'static, Option<Response>> + Send + Sync>;

/// What hands requests on to a target, in the way that its file says: its certificates, its proxy, its
/// addresses.
///
/// # Errors
/// When the certificates to trust cannot be loaded.
pub fn hand_on(target: &Target) -> Result<HandOn, TransportError> {
    let wire = Arc::new(Wire::new(
        target.timeout,
        target.max_body,
        &target.reach,
        is_plain(target),
        target.jobs.max(CONNECTIONS),
    )?);
    Ok(Arc::new(move |request| {
        let wire = Arc::clone(&wire);
        async move { wire.unchanged(&request, &Doubt::default()).await.ok() }.boxed()
    }))
}

//! Rules about request headers (header tables of every operation page).

use super::{Check, Verdict, ensure};
use crate::mock::{call::Call, state::State};

/// The header is there and not blank.
pub(crate) fn present(header: &'static str) -> impl Check {
    move |call: &Call, _: &State| ensure(call.header(header).is_some(), header)
}

/// `X-client-id` names a registered application; on the common domain, the ISV template.
pub(crate) fn client_known(call: &Call, state: &State) -> Verdict {
    let Some(client) = call.header("X-client-id") else {
        return Ok(());
    };
    let known = &state.applications;
    let holds = if call.common_domain {
        client == known.isv_client_id
    } else {
        client == known.client_id || client == known.other_client_id
    };
    ensure(holds, "X-client-id")
}

/// The common domain serves every tenant, so a call there names one (OneAccess, `X-tenant-id` row).
pub(crate) fn tenant_present(call: &Call, _: &State) -> Verdict {
    let given = call.header("X-tenant-id").is_some();
    ensure(given || !call.common_domain, "X-tenant-id")
}

/// On the common domain `X-tenant-id` is the id of a tenant; elsewhere it is not looked at.
pub(crate) fn tenant_known(call: &Call, state: &State) -> Verdict {
    if !call.common_domain {
        return Ok(());
    }
    let known = call
        .header("X-tenant-id")
        .is_none_or(|tenant| tenant == state.applications.tenant_id);
    ensure(known, "X-tenant-id")
}

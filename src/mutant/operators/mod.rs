//! The operators: each enumerates, from one operation of the contract, servers that break it.
//!
//! To add one, write `operators/<name>.rs` with `enumerate` and a row in [`OPERATORS`].

mod body;
mod claims;
mod closed;
mod code;
mod content_type;
mod delivery;
mod language;
mod member;
mod message;
mod outcome;
mod refusals;
mod request;
#[cfg(test)]
pub(super) mod sample;
mod status;
mod swap;
mod token;

use super::{Mutant, TokenSigner, scope::Scope};
use crate::contract::Contract;

type Enumerate = fn(&Scope<'_>) -> Vec<Mutant>;

/// Every operator, in the order of the catalogue.
const OPERATORS: [Enumerate; 12] = [
    status::enumerate,
    code::enumerate,
    message::enumerate,
    language::enumerate,
    content_type::enumerate,
    member::enumerate,
    closed::enumerate,
    swap::enumerate,
    token::enumerate,
    body::enumerate,
    delivery::enumerate,
    request::enumerate,
];

/// Every mutant that the contracts name by themselves, operation by operation.
#[must_use]
pub fn catalogue(contracts: &[Contract]) -> Vec<Mutant> {
    scopes(contracts)
        .iter()
        .flat_map(|scope| OPERATORS.iter().flat_map(|enumerate| enumerate(scope)))
        .collect()
}

/// The mutants of tokens that are still signed by the tenant: only who holds its key can make them.
#[must_use]
pub fn forged(contracts: &[Contract], signer: &TokenSigner) -> Vec<Mutant> {
    scopes(contracts)
        .iter()
        .flat_map(|scope| claims::forged(scope, signer))
        .collect()
}

fn scopes(contracts: &[Contract]) -> Vec<Scope<'_>> {
    contracts
        .iter()
        .flat_map(|contract| {
            contract
                .operations
                .iter()
                .filter_map(|operation| Scope::of(contracts, contract, operation))
        })
        .collect()
}

//! Where a run sends: the address of each edition, and every further one.

use std::{collections::BTreeSet, sync::Arc};

use url::Url;

use crate::{
    contract::Contract, engine::run_context::RunContext, ids::Edition, ids::OperationId,
    plan::TestCase, target::TargetEdition,
};

/// An address of the target, and every key that names it.
#[derive(Debug)]
pub(super) struct Address<'c> {
    pub url: Url,
    pub keys: Vec<String>,
    pub editions: Vec<Edition>,
    /// Whose operations are served there; none at a further host, of which no contract is known.
    pub contract: Option<&'c Contract>,
    /// Those of them that the test cases are about.
    pub operations: BTreeSet<OperationId>,
}

/// The editions of the test cases, in order.
pub(super) fn editions(run: &RunContext, cases: &[Arc<TestCase>]) -> Vec<Edition> {
    let served = run.target.editions.keys().copied();
    served
        .filter(|edition| cases.iter().any(|case| case.edition == *edition))
        .collect()
}

/// The address of each edition, and every further one once, however many keys name it.
pub(super) fn addresses<'r>(run: &'r RunContext, cases: &[Arc<TestCase>]) -> Vec<Address<'r>> {
    let mut out: Vec<Address<'_>> = Vec::new();
    for edition in editions(run, cases) {
        let Some(settings) = run.target.editions.get(&edition) else {
            continue;
        };
        out.extend(of_edition(run, edition, settings, cases));
        for (name, text) in &settings.hosts {
            let Ok(url) = Url::parse(text) else { continue };
            let key = format!("editions.{edition}.hosts.{name}");
            match out.iter_mut().find(|known| known.url == url) {
                Some(known) => {
                    known.keys.push(key);
                    known.editions.push(edition);
                }
                None => out.push(Address {
                    url,
                    keys: vec![key],
                    editions: vec![edition],
                    contract: None,
                    operations: BTreeSet::new(),
                }),
            }
        }
    }
    for address in &mut out {
        address.editions.dedup();
    }
    out
}

fn of_edition<'r>(
    run: &'r RunContext,
    edition: Edition,
    settings: &TargetEdition,
    cases: &[Arc<TestCase>],
) -> Option<Address<'r>> {
    let own = |case: &&Arc<TestCase>| case.edition == edition && case.request.host.is_none();
    Some(Address {
        url: Url::parse(&settings.base_url).ok()?,
        keys: vec![format!("editions.{edition}.base_url")],
        editions: vec![edition],
        contract: run.contract(edition),
        operations: cases
            .iter()
            .filter(own)
            .filter_map(|case| case.request.operation.clone())
            .collect(),
    })
}

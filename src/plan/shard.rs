//! Which test cases of a plan belong to which part of a run that is divided.
//!
//! A test case belongs to a part by its own id alone, so that it is in the same one on every machine, in
//! every order, and whatever else the suite has. Those that may lock an account out stay together: two
//! processes that spend the tries of one account do not know of each other. So do those that want to be alone.

use std::{collections::HashSet, sync::Arc};

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256, digest};

use super::TestCase;
use crate::{ids::CaseId, result::Shard};

/// What test cases that want to be alone belong by: the tenant is one, whatever edition they are of.
const EXCLUSIVE: &str = "exclusive";

/// The ids of the test cases that belong to this shard. Every test case belongs to one shard.
pub(super) fn own(cases: &[Arc<TestCase>], shard: Shard) -> HashSet<&CaseId> {
    let lock_out = cases.iter().filter(|case| case.may_lock_out());
    let lock_out: HashSet<&CaseId> = lock_out.map(|case| &case.id).collect();
    let exclusive = cases.iter().filter(|case| case.exclusive);
    let exclusive: HashSet<&CaseId> = exclusive.map(|case| &case.id).collect();
    let own = cases.iter().filter(|case| {
        // One that comes after such a test case runs it as well, and so stays with it.
        let all = || {
            let before = case.prerequisites.iter();
            before.chain([&case.control_id, &case.id])
        };
        let key = if all().any(|id| exclusive.contains(id)) {
            EXCLUSIVE
        } else if all().any(|id| lock_out.contains(id)) {
            // Which account a need comes to is the target's matter, and that of one edition is of one
            // tenant; the name of no test case is that of an edition.
            case.edition.as_str()
        } else {
            case.id.as_str()
        };
        shard.holds(hash(key))
    });
    own.map(|case| &case.id).collect()
}

/// The first bytes of a digest, the same on every platform and for ever.
fn hash(key: &str) -> u64 {
    let digest = digest(&SHA256, key.as_bytes());
    let first = digest.as_ref().iter().take(8);
    first.fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// SHA-256 over these ids, a line each. Hexadecimal.
#[must_use]
pub fn digest_of_ids<'i>(ids: impl IntoIterator<Item = &'i CaseId>) -> String {
    let mut context = Context::new(&SHA256);
    for id in ids {
        context.update(id.as_bytes());
        context.update(b"\n");
    }
    HEXLOWER.encode(context.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_hash_of_an_id_is_the_same_for_ever() {
        assert_eq!(hash("ciam/a/control"), 0x049a_5230_d0f8_fb8b);
        assert_eq!(hash(""), 0xe3b0_c442_98fc_1c14);
    }
}

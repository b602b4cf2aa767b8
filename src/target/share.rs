//! What of a target's limits, budgets and accounts one shard of a run may use.
//!
//! The shards of a run do not know of each other, so each takes a part that no other takes, and all parts
//! together are no more than the whole.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use super::{Kind, Pace, Pool, Target};
use crate::result::Shard;

impl Target {
    /// Leaves of its pace, its budgets and its pools what is this shard's.
    pub fn share(&mut self, shard: Shard) {
        self.limits.pace = self.limits.pace.map(|pace| pace.share(shard));
        for amount in self.budget.values_mut() {
            *amount = shard.share_of(*amount);
        }
        let mut owners = Owners::default();
        for settings in self.editions.values_mut() {
            for provider in settings.providers.values_mut() {
                if let Kind::Pool(pool) = &mut provider.kind {
                    owners.share(pool, shard);
                }
            }
        }
    }
}

impl Pace {
    /// The whole requests of a second are divided. Where there are fewer of them than shards, each shard
    /// sends one, and so much more seldom.
    fn share(self, shard: Shard) -> Self {
        let of = |whole: usize| {
            let part = shard.share_of(u64::try_from(whole).unwrap_or(u64::MAX));
            usize::try_from(part).unwrap_or(usize::MAX)
        };
        let shards = usize::try_from(shard.of()).unwrap_or(usize::MAX);
        if self.requests >= shards {
            let requests = of(self.requests);
            return Self {
                requests,
                burst: of(self.burst).clamp(1, requests),
                within: self.within,
            };
        }
        let fewer = u32::try_from(self.requests.max(1)).unwrap_or(1);
        Self {
            requests: 1,
            burst: 1,
            within: self.within.saturating_mul(shard.of()) / fewer,
        }
    }
}

/// Which shard has which account, by the folder of its leases and its key: several pools may take
/// accounts of one file, and an account that is in two of them is the same shard's in both.
#[derive(Debug, Default)]
struct Owners(HashMap<(PathBuf, String), u32>);

impl Owners {
    /// Leaves the accounts of this shard. Those that no pool before had are given out so that all shards
    /// have as many, one more or one fewer.
    fn share(&mut self, pool: &mut Pool, shard: Shard) {
        let place = |key: &String| (pool.folder.clone(), key.clone());
        let mut counts: BTreeMap<u32, usize> = (1..=shard.of()).map(|index| (index, 0)).collect();
        for account in &*pool.accounts {
            if let Some(owner) = self.0.get(&place(&account.key)) {
                *counts.entry(*owner).or_default() += 1;
            }
        }
        for account in &*pool.accounts {
            let place = place(&account.key);
            if self.0.contains_key(&place) {
                continue;
            }
            let fewest = counts
                .iter_mut()
                .min_by_key(|(index, count)| (**count, **index));
            if let Some((index, count)) = fewest {
                *count += 1;
                self.0.insert(place, *index);
            }
        }
        let own = |key: &String| self.0.get(&place(key)) == Some(&shard.index());
        let accounts = pool.accounts.iter().filter(|account| own(&account.key));
        let accounts = accounts.cloned().collect();
        pool.part = Some((shard, pool.accounts.len()));
        pool.accounts = accounts;
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use serde_json::Map;

    use super::*;
    use crate::target::{Account, Reuse};

    fn shards(of: u32) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |index| Shard::new(index, of).expect("a shard"))
    }

    fn pace(requests: usize, burst: usize) -> Pace {
        Pace {
            requests,
            burst,
            within: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_paces_of_all_shards_add_up_to_the_whole() {
        let shares: Vec<Pace> = shards(4).map(|shard| pace(10, 6).share(shard)).collect();
        assert_eq!(shares, [pace(3, 2), pace(3, 2), pace(2, 1), pace(2, 1)]);
        for share in shards(4).map(|shard| pace(3, 3).share(shard)) {
            assert_eq!((share.requests, share.burst), (1, 1));
            assert_eq!(share.within, Duration::from_secs(4) / 3);
        }
    }

    /// A pool of one file with these accounts.
    fn pool(keys: &[&str]) -> Pool {
        let account = |key: &&str| Account {
            members: Map::new(),
            key: (*key).to_owned(),
        };
        Pool {
            accounts: keys.iter().map(account).collect(),
            folder: "leases/accounts.yaml".into(),
            reuse: Reuse::Unspent,
            wait: Duration::ZERO,
            part: None,
        }
    }

    #[test]
    fn no_account_is_in_two_shards_also_where_two_pools_have_it() {
        let all = ["a", "b", "c", "d", "e", "f"];
        let mut seen: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for shard in shards(4) {
            let (mut some, mut every) = (pool(&["b", "d", "f"]), pool(&all));
            let mut owners = Owners::default();
            owners.share(&mut some, shard);
            owners.share(&mut every, shard);
            assert!((1..=2).contains(&every.accounts.len()), "{shard}");
            assert_eq!(every.part, Some((shard, 6)));
            for account in some.accounts.iter().chain(&*every.accounts) {
                let shards = seen.entry(account.key.clone()).or_default();
                shards.insert(shard.index());
            }
        }
        assert_eq!(seen.keys().collect::<Vec<_>>(), all);
        assert!(seen.values().all(|shards| shards.len() == 1), "{seen:?}");
    }

    #[test]
    fn a_pool_of_fewer_accounts_than_shards_is_empty_for_some() {
        let mut counts = Vec::new();
        for shard in shards(3) {
            let mut pool = pool(&["a", "b"]);
            Owners::default().share(&mut pool, shard);
            counts.push(pool.accounts.len());
        }
        assert_eq!(counts, [1, 1, 0]);
    }
}

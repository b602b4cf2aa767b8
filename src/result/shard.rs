//! A part of a run: which of how many, and what of a whole is its share.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Waiver;

/// One of the parts into which a run is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Numbers")]
pub struct Shard {
    /// Its number, from 1.
    index: u32,
    /// How many there are.
    of: u32,
}

/// A run is divided into so many parts at most.
const MOST: u32 = 10_000;

/// What names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    #[error("`{0}` is no shard: write its number, a slash, and how many there are, as in 2/4")]
    Form(String),
    #[error("a run is divided into 1 to {MOST} shards, not into {0}")]
    Count(u32),
    #[error("there is no shard {index} of {of}: they are numbered from 1 to {of}")]
    Index { index: u32, of: u32 },
}

/// As a record has it, before it is known to make sense.
#[derive(Deserialize)]
struct Numbers {
    index: u32,
    of: u32,
}

impl TryFrom<Numbers> for Shard {
    type Error = ShardError;

    fn try_from(Numbers { index, of }: Numbers) -> Result<Self, ShardError> {
        Self::new(index, of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let number = |text: &str| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| plain)
        };
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(index, of)| Some((number(index)?, number(of)?)));
        let (index, of) = numbers.ok_or_else(|| ShardError::Form(text.to_owned()))?;
        Self::new(index, of)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl Shard {
    /// The shard of this number, from 1.
    ///
    /// # Errors
    /// When there is none.
    pub const fn new(index: u32, of: u32) -> Result<Self, ShardError> {
        if of == 0 || of > MOST {
            return Err(ShardError::Count(of));
        }
        if index == 0 || index > of {
            return Err(ShardError::Index { index, of });
        }
        Ok(Self { index, of })
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Whether what has this hash belongs to it.
    #[must_use]
    pub const fn holds(self, hash: u64) -> bool {
        hash % (self.of as u64) == (self.index - 1) as u64
    }

    /// Its share of so many; the shares of all shards add up to them.
    #[must_use]
    pub const fn share_of(self, total: u64) -> u64 {
        let of = self.of as u64;
        total / of + ((self.index as u64) <= total % of) as u64
    }
}

/// The shard that a run was, and what all shards together are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunShard {
    #[serde(flatten)]
    pub shard: Shard,
    /// How many test cases all shards together run.
    pub planned: usize,
    /// SHA-256 over their ids in the plan's order, a line each. Hexadecimal.
    pub ids: String,
    /// The waivers of the target: how many rows one accepts, and which it is idle for, only the whole tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_a_number_from_one_to_how_many_there_are() {
        #[track_caller]
        fn refused(text: &str, because: &str) {
            let error = text.parse::<Shard>().expect_err("no shard");
            assert!(error.to_string().contains(because), "{error}");
        }
        let shard: Shard = "2/4".parse().expect("a shard");
        assert_eq!((shard.index(), shard.of()), (2, 4));
        assert_eq!(shard.to_string(), "2/4");
        refused("0/4", "there is no shard 0 of 4");
        refused("5/4", "numbered from 1 to 4");
        refused("1/0", "1 to 10000 shards, not into 0");
        refused("1/20000", "not into 20000");
        for garbage in [
            "", "2", "/", "2/", "/4", "a/b", "1/4/4", "-1/4", "+1/4", " 1/4",
        ] {
            refused(garbage, "is no shard");
        }
        refused("1/99999999999", "is no shard");
    }

    #[test]
    fn the_shares_of_all_shards_add_up_to_the_whole() {
        for of in 1..9 {
            for total in [0, 1, 3, 7, 8, 100, 101] {
                let all = (1..=of).map(|index| Shard::new(index, of).expect("a shard"));
                let shares: Vec<u64> = all.map(|shard| shard.share_of(total)).collect();
                assert_eq!(shares.iter().sum::<u64>(), total, "{shares:?}");
                let (most, least) = (shares.iter().max(), shares.iter().min());
                assert!(
                    most.zip(least)
                        .is_some_and(|(most, least)| most - least <= 1)
                );
            }
        }
    }

    #[test]
    fn a_record_with_a_shard_that_cannot_be_is_not_read() {
        let read = |text: &str| serde_json::from_str::<RunShard>(text);
        let whole = r#"{"index":2,"of":4,"planned":9,"ids":"00"}"#;
        let shard = read(whole).expect("a shard");
        assert_eq!(serde_json::to_string(&shard).expect("JSON"), whole);
        let error = read(r#"{"index":5,"of":4,"planned":9,"ids":"00"}"#).expect_err("no shard");
        assert!(error.to_string().contains("no shard 5 of 4"), "{error}");
    }
}

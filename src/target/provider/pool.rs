//! A list of accounts, each leased to one test case at a time.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use super::{Kind, Reading};
use crate::{
    diag::{Diagnostic, push_once},
    plan::duration,
    result::Shard,
    target::{STATE, layers::beside},
    yaml::{self, Field, Node, Shape},
};

pub(super) const FIELD: Field = Field::new(
    "pool",
    Shape::Object(&[
        Field::new(
            "file",
            Shape::Text,
            "A list of maps in YAML or JSON, beside this file: one account each.",
        )
        .required(),
        Field::new(
            "select",
            Shape::Map(&Shape::Scalar),
            "Only accounts whose members have these values.",
        ),
        Field::new(
            "reuse",
            Shape::Word(&[REUSES[0].0, REUSES[1].0, REUSES[2].0]),
            "When an account is given again: `unspent` (when absent) if every step of the row itself was refused with a 4xx or not sent, `always`, or `never`.",
        ),
        Field::new(
            "wait",
            Shape::Text,
            "How long to wait for an account that is leased elsewhere; `30s` when absent.",
        ),
    ]),
    "Accounts made beforehand; each is leased to one row at a time, in all processes on this machine.",
);

/// When an account may be given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Unless the test case that had it may have changed it.
    Unspent,
    Always,
    Never,
}

/// The values of `reuse`.
const REUSES: [(&str, Reuse); 3] = [
    ("unspent", Reuse::Unspent),
    ("always", Reuse::Always),
    ("never", Reuse::Never),
];

/// The accounts that a provider may lease.
#[derive(Debug, Clone)]
pub struct Pool {
    pub accounts: Arc<[Account]>,
    /// Where leases are kept: a folder beside the pool's file, whichever target names that.
    pub folder: PathBuf,
    pub reuse: Reuse,
    pub wait: Duration,
    /// Where these are a shard's: which one it is, and how many accounts all shards have.
    pub part: Option<(Shard, usize)>,
}

/// One entry of a pool.
#[derive(Debug, Clone)]
pub struct Account {
    pub members: Map<String, Value>,
    /// Equal for equal entries, in whatever order they stand.
    pub key: String,
}

impl Account {
    fn new(node: &Node) -> Option<Self> {
        let Value::Object(members) = node.to_json() else {
            return None;
        };
        let mut sorted = members.clone();
        sorted.sort_keys();
        let text = Value::Object(sorted).to_string();
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let key = HEXLOWER.encode(&digest.as_ref()[..8]);
        Some(Self { members, key })
    }
}

impl Pool {
    /// Every member that some account has.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self
            .accounts
            .iter()
            .flat_map(|account| account.members.keys());
        names.cloned().collect()
    }

    /// Why there is no account for this shard, as the end of a sentence; `None` where there is one.
    #[must_use]
    pub fn empty_part(&self) -> Option<String> {
        let (shard, all) = self.part.filter(|_| self.accounts.is_empty())?;
        let accounts = if all == 1 { "account" } else { "accounts" };
        Some(format!("of its {all} {accounts} none is for shard {shard}"))
    }
}

pub(super) fn read(node: &Node, _: &Reading<'_>, found: &mut Vec<Diagnostic>) -> Option<Kind> {
    let named = node.get("file")?;
    let path = beside(named, named.text()?);
    let mut wrong = |node: &Node, message: String, help: &str| {
        let mistake = Diagnostic::new("bad-pool", &node.span, message).help(help);
        push_once(found, mistake);
        None
    };
    let form = "a list of maps: `- { user_name: a, password: b, kind: warn }`";
    let shown = path.display().to_string();
    // The line itself may hold a password, so the message says where it is and does not show it.
    let list = match yaml::read(&path, &shown) {
        Ok(list) => list,
        Err(mistake) => {
            let place = mistake
                .span
                .map_or(String::new(), |span| format!("{span}: "));
            return wrong(named, format!("{place}{}", mistake.message), form);
        }
    };
    let accounts: Option<Vec<Account>> = list.items().iter().map(Account::new).collect();
    let Some(mut accounts) = accounts.filter(|accounts| !accounts.is_empty()) else {
        return wrong(named, format!("`{shown}` is no list of accounts"), form);
    };
    if let Some(select) = node.get("select") {
        accounts.retain(|account| {
            select.entries().iter().all(|(name, value)| {
                let member = account.members.get(name.text().unwrap_or_default());
                member == Some(&value.to_json())
            })
        });
        if accounts.is_empty() {
            let message = format!("this takes none of the accounts in `{shown}`");
            return wrong(select, message, "a member and the value it has to have");
        }
    }
    let mut seen = BTreeSet::new();
    accounts.retain(|account| seen.insert(account.key.clone()));
    let reuse = node.get("reuse").and_then(Node::text);
    let folder = path.with_file_name(STATE).join("leases");
    Some(Kind::Pool(Pool {
        accounts: accounts.into(),
        folder: folder.join(path.file_name().unwrap_or_default()),
        reuse: REUSES
            .iter()
            .find(|(name, _)| reuse == Some(name))
            .map_or(Reuse::Unspent, |(_, reuse)| *reuse),
        wait: node
            .get("wait")
            .and_then(|text| duration(text, found))
            .unwrap_or(Duration::from_secs(30)),
        part: None,
    }))
}

//! Keys that a case wants fetched from where they are published: named here, fetched by the engine,
//! and read by the judge from what the engine has put down.

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::token_at::TokenAt;
use crate::{
    check::{BoundCheck, ExpectationError},
    template::{self, Bindings},
};

/// The binding under which fetched key sets stand. No case can write this name.
pub const FETCHED: &str = "fetched keys";

/// The binding under which stands what was found of signatures when the answer came, for an answer whose
/// tokens are not there any more: by the place of the token, by the name of the key set, `null` or why it is
/// not verified. No case can write this name.
pub const VERIFIED: &str = "verified signatures";

/// So many bytes of a digest name a set of keys.
const KEPT: usize = 8;

/// Where the keys of a token are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySource {
    /// Where the token stands, as its subject has it.
    pub at: String,
    /// The URL of a JWK set, or of an issuer; a path alone is one of the target's base URL.
    pub url: String,
    /// The URL is an issuer's, whose configuration names the set.
    pub discovery: bool,
}

impl KeySource {
    /// The source that a rendered `jwt` expectation names.
    pub(super) fn of(wanted: &Value) -> Option<Self> {
        let verify = wanted.get("verify")?;
        let text = |key: &str| verify[key].as_str().map(str::to_owned);
        let (url, discovery) = match text("jwks") {
            Some(url) => (url, false),
            None => (text("discovery")?, true),
        };
        let at = TokenAt::of(wanted).name();
        Some(Self { at, url, discovery })
    }

    /// The key set in what was fetched.
    #[must_use]
    pub fn find<'f>(&self, fetched: Option<&'f Value>) -> Option<&'f Value> {
        fetched?.get(self.name())
    }

    /// What tells one source from another.
    #[must_use]
    pub fn name(&self) -> String {
        let kind = if self.discovery { "discovery" } else { "jwks" };
        format!("{kind} {}", self.url)
    }
}

/// The key sets that judge a token, by their names: the one that a rendered `jwt` expectation holds, and the
/// one that it wants fetched, where that is in what was fetched.
pub(super) fn key_sets<'k>(
    wanted: &'k Value,
    fetched: Option<&'k Value>,
) -> impl Iterator<Item = (String, &'k Value)> {
    let inline = wanted.get("keys").map(|set| (inline(set), set));
    let fetched = KeySource::of(wanted).and_then(|source| {
        let set = source.find(fetched)?;
        Some((source.name(), set))
    });
    inline.into_iter().chain(fetched)
}

/// The name of a key set that no address names.
fn inline(set: &Value) -> String {
    let digest = digest(&SHA256, set.to_string().as_bytes());
    format!("keys {}", HEXLOWER.encode(&digest.as_ref()[..KEPT]))
}

impl BoundCheck {
    /// The sources of keys that this check has to have before it can judge.
    ///
    /// # Errors
    /// When the expectation names something that is not bound.
    pub fn key_sources(&self, bindings: &Bindings) -> Result<Vec<KeySource>, ExpectationError> {
        let named = self.wants("jwt").into_iter();
        let named = named.filter(|wanted| wanted.get("verify").is_some());
        let wanted = named.map(|wanted| template::render(wanted, bindings));
        wanted
            .filter_map(|wanted| wanted.map(|wanted| KeySource::of(&wanted)).transpose())
            .collect::<Result<_, _>>()
            .map_err(|source| ExpectationError::Template {
                place: self.span().to_string(),
                source,
            })
    }
}

//! What is found of the tokens of an answer while they are there: whether each is well formed, and whether
//! the keys that its expectations name made its signature.

use super::{
    keys::{FETCHED, key_sets},
    signature,
    token::Token,
    token_at::{TokenAt, token_text},
};
use crate::{
    check::BoundCheck,
    exchange::Response,
    template::{self, Bindings},
};

/// What was found of the token at one place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Where the token stands, as its subject has it.
    pub at: String,
    /// Why it is no token.
    pub malformed: Option<String>,
    /// By the name of a key set, why no key of it made the signature; `None` where the one that the token
    /// names did.
    pub verified: Vec<(String, Option<String>)>,
}

/// The facts of the tokens that these checks look at, as the answer and the bindings have them.
#[must_use]
pub fn token_facts(
    checks: &[BoundCheck],
    response: &Response,
    bindings: &Bindings,
) -> Vec<TokenFacts> {
    let mut out: Vec<TokenFacts> = Vec::new();
    for wanted in checks.iter().flat_map(|check| check.wants("jwt")) {
        // What cannot be computed is told by the judge.
        let Ok(wanted) = template::render(wanted, bindings) else {
            continue;
        };
        let at = TokenAt::of(&wanted).name();
        let Some(text) = token_text(response, &at) else {
            continue;
        };
        let token = Token::take_apart(&text);
        let place = out.iter().position(|one| one.at == at);
        let place = place.unwrap_or_else(|| {
            let malformed = token.as_ref().err();
            out.push(TokenFacts {
                at: at.clone(),
                malformed: malformed.map(ToString::to_string),
                verified: Vec::new(),
            });
            out.len() - 1
        });
        let Ok(token) = token else {
            continue;
        };
        for (name, set) in key_sets(&wanted, bindings.get(FETCHED)) {
            let known = &mut out[place].verified;
            if known.iter().all(|(other, _)| *other != name) {
                let error = signature::verify(&token, set).err();
                known.push((name, error.map(|error| error.to_string())));
            }
        }
    }
    out
}

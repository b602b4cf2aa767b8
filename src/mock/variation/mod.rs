//! What the documents leave open, chosen by a seed.
//!
//! Seed 0 is the plain reading. Any other seed gives a tenant that differs only
//! where nothing is promised; a suite that fails on one asserts too much.

mod answers;
pub(super) mod codes;
mod credentials;
mod sessions;
pub(super) mod texts;

use answers::Answers;
use codes::Codes;
use credentials::Credentials;
use sessions::Sessions;
use texts::Texts;

use super::{
    draw::{Choice, Draw},
    jwt::Form,
    order::Order,
    rate::RetryAfter,
    wire::Wire,
};

/// One way to fill the gaps of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variation {
    pub wire: Wire,
    pub member_order: Order,
    /// Shuffles the rules, so that another of several mistakes is reported first.
    pub rule_order: Option<u64>,
    pub codes: Codes,
    pub texts: Texts,
    pub credentials: Credentials,
    pub sessions: Sessions,
    pub answers: Answers,
    pub token_form: Form,
    /// Whether the published set holds another key before the one in use.
    pub second_key: bool,
    pub retry_after: RetryAfter,
    choices: Vec<Choice>,
}

impl Variation {
    /// The questions are asked in this order: another one gives other tenants for the same seeds.
    pub(super) fn from_seed(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        Self {
            wire: Wire::draw(&mut draw),
            member_order: draw.order("members of a body"),
            rule_order: rule_order(&mut draw),
            codes: Codes::draw(&mut draw),
            texts: Texts::draw(&mut draw),
            credentials: Credentials::draw(&mut draw),
            sessions: Sessions::draw(&mut draw),
            answers: Answers::draw(&mut draw),
            token_form: token_form(&mut draw),
            second_key: draw.flag("published keys", "the one in use", "another before it"),
            retry_after: draw.one(
                "Retry-After of a call beyond the rate",
                [
                    ("seconds", RetryAfter::Seconds),
                    ("a date", RetryAfter::Date),
                ],
            ),
            choices: draw.into_choices(),
        }
    }

    /// What the seed answered, question by question.
    pub(super) fn choices(&self) -> &[Choice] {
        &self.choices
    }
}

fn rule_order(draw: &mut Draw) -> Option<u64> {
    let seed = draw.seed();
    let shuffled = draw.flag(
        "of two mistakes, reported first",
        "the one the table names first",
        "any of them",
    );
    shuffled.then_some(seed)
}

fn token_form(draw: &mut Draw) -> Form {
    Form {
        nested: draw.flag(
            "user data of an id_token",
            "claims",
            "one claim `api` as text",
        ),
        order: draw.order("claims of a token"),
        names_type: draw.flag("typ of an id_token", "left out", "JWT"),
        more_claims: draw.flag("further claims in tokens", "none", "some"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn seed_zero_answers_every_question_with_its_plain_reading() {
        let plain = Variation::from_seed(0);
        assert!(plain.choices().iter().all(|choice| choice.index == 0));
        assert_eq!(plain.rule_order, None);
        assert_eq!(plain.member_order, Order::Printed);
        assert!(plain.credentials.single_use && !plain.answers.drops_id_token);
    }

    #[test]
    fn the_same_seed_gives_the_same_tenant() {
        assert_eq!(Variation::from_seed(7), Variation::from_seed(7));
        assert_ne!(Variation::from_seed(7), Variation::from_seed(8));
    }

    #[test]
    fn a_hundred_seeds_give_every_answer_to_every_question() {
        let mut seen: BTreeMap<&str, (usize, BTreeSet<usize>)> = BTreeMap::new();
        for seed in 1..=100 {
            for choice in Variation::from_seed(seed).choices() {
                let (of, indices) = seen.entry(choice.topic).or_default();
                *of = choice.of;
                indices.insert(choice.index);
            }
        }
        for (topic, (of, indices)) in seen {
            assert_eq!(indices, (0..of).collect(), "{topic}");
        }
    }

    #[test]
    fn no_question_is_asked_twice_and_no_two_answers_are_labelled_alike() {
        let mut labels: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for seed in 0..100 {
            let variation = Variation::from_seed(seed);
            let topics: BTreeSet<_> = variation.choices().iter().map(|c| c.topic).collect();
            assert_eq!(topics.len(), variation.choices().len());
            for choice in variation.choices() {
                let index = *labels
                    .entry((choice.topic, choice.label))
                    .or_insert(choice.index);
                assert_eq!(index, choice.index, "{choice}");
            }
        }
    }
}

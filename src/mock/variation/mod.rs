//! What the documents leave open, chosen by a seed.
//!
//! Seed 0 is the plain reading. Any other seed gives a tenant that differs only
//! where nothing is promised; a suite that fails on one asserts too much.

pub(super) mod codes;

use codes::Codes;

use super::{
    draw::{Choice, Draw},
    jwt::Form,
    language::Languages,
    messages::Wording,
    order::Order,
    rate::RetryAfter,
    wire::Wire,
};

/// One way to fill the gaps of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own that no other one decides"
)]
pub(super) struct Variation {
    pub wire: Wire,
    pub member_order: Order,
    /// Shuffles the rules, so that another of several mistakes is reported first.
    pub rule_order: Option<u64>,
    pub codes: Codes,
    pub wording: Wording,
    /// Whether a code that is printed with two texts has the second.
    pub second_text: bool,
    pub languages: Languages,
    /// Digits of a verification code: the examples show four and six.
    pub code_length: usize,
    /// How long a verification code is good for.
    pub code_seconds: i64,
    /// How long a state token lives; the printed example lasts 600 s.
    pub state_token_seconds: i64,
    /// Whether a state token is refused after it led to success.
    pub single_use: bool,
    /// Whether a new state token of a user is the end of the one before.
    pub newest_alone: bool,
    /// Whether a verification code is used up by a call that is refused for another reason.
    pub refusal_spends_code: bool,
    /// Whether a changed password ends the sessions that were open.
    pub change_ends_sessions: bool,
    /// Whether a refreshed id_token comes with a new session token (EIAM: if so configured).
    pub renews_session: bool,
    /// Whether OneAccess' ticket answer has the user right under `data`, as its older text does.
    pub flat_user: bool,
    /// Characters of a session token; only examples show 32.
    pub session_token_length: usize,
    /// `expire` after a login or a refresh, if not the figure of the edition's example.
    pub login_seconds: Option<i64>,
    /// `expire` after a password operation of EIAM and CIAM, which print no more than an example.
    pub operation_seconds: i64,
    /// Whether an administrator's demand for a new password is announced like a coming expiry.
    pub demand_warns: bool,
    /// Whether `ACCESS_DENIED` stands alone in CIAM and OneAccess, which show no example of it.
    pub bare_denial: bool,
    /// Whether `is_set_pwd` is a text, as its table says, and not a Boolean, as its example shows.
    pub flag_as_text: bool,
    /// Whether OneAccess' forced change leaves `id_token` out, as its example does.
    pub drops_id_token: bool,
    pub token_form: Form,
    /// Whether the published set holds another key before the one in use.
    pub second_key: bool,
    pub retry_after: RetryAfter,
    choices: Vec<Choice>,
}

impl Variation {
    pub(super) fn from_seed(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let wire = Wire::draw(&mut draw);
        let member_order = draw.order("members of a body");
        let rule_seed = draw.seed();
        let rule_order = draw
            .flag(
                "of two mistakes, reported first",
                "the one the table names first",
                "any of them",
            )
            .then_some(rule_seed);
        let codes = Codes::draw(&mut draw);
        let wording = draw.one(
            "messages without a documented text",
            [
                ("worded like their neighbours", Wording::Specific),
                ("one sentence for all", Wording::General),
                ("with the code behind", Wording::WithCode),
            ],
        );
        let second_text = draw.flag(
            "EIAM's codes that are printed with two texts",
            "have the first",
            "have the second",
        );
        let languages = draw.one(
            "language of messages",
            [
                (
                    "Chinese for zh and its variants, else English",
                    Languages::Variants,
                ),
                (
                    "zh and en alone are known, else English",
                    Languages::ElseEnglish,
                ),
                (
                    "zh and en alone are known, else Chinese",
                    Languages::ElseChinese,
                ),
            ],
        );
        let code_length = draw.one(
            "digits of a verification code",
            [("six", 6), ("four", 4), ("eight", 8)],
        );
        let code_seconds = draw.one(
            "life of a verification code",
            [("300 s", 300), ("60 s", 60), ("1800 s", 1_800)],
        );
        let state_token_seconds = draw.one(
            "life of a state token",
            [
                ("600 s", 600),
                ("120 s", 120),
                ("1800 s", 1_800),
                ("a day", 86_400),
            ],
        );
        let single_use = !draw.flag("a state token leads to success", "once", "until it expires");
        let newest_alone = draw.flag(
            "a former state token of the user",
            "stays good",
            "ends with the next login",
        );
        let refusal_spends_code = draw.flag(
            "a verification code in a refused call",
            "stays good",
            "is used up",
        );
        let change_ends_sessions =
            draw.flag("a changed password", "leaves sessions open", "ends them");
        let renews_session = draw.flag(
            "a refreshed id_token comes",
            "with the same session token",
            "with a new one",
        );
        let flat_user = draw.flag(
            "the user in OneAccess' ticket answer",
            "stands under data.user",
            "stands under data",
        );
        let session_token_length = draw.one(
            "characters of a session token",
            [("32", 32), ("22", 22), ("64", 64)],
        );
        let login_seconds = draw.one(
            "expire after a login",
            [
                ("the figure of the edition's example", None),
                ("3600", Some(3_600)),
                ("2592000", Some(2_592_000)),
            ],
        );
        let operation_seconds = draw.one(
            "expire after a password operation (EIAM, CIAM)",
            [("43200", 43_200), ("1800", 1_800), ("86400", 86_400)],
        );
        let demand_warns = draw.flag(
            "a demanded change of password",
            "is announced by PASSWORD_EXPIRED",
            "is announced by PASSWORD_WARN",
        );
        let bare_denial = draw.flag(
            "ACCESS_DENIED (CIAM, OneAccess)",
            "comes with state_token and data",
            "comes alone",
        );
        let flag_as_text = draw.flag("is_set_pwd", "a Boolean", "a text");
        let drops_id_token = draw.flag(
            "id_token after OneAccess' forced change",
            "there",
            "left out",
        );
        let token_form = Form {
            nested: draw.flag(
                "user data of an id_token",
                "claims",
                "one claim `api` as text",
            ),
            order: draw.order("claims of a token"),
            names_type: draw.flag("typ of an id_token", "left out", "JWT"),
            more_claims: draw.flag("further claims in tokens", "none", "some"),
        };
        let second_key = draw.flag("published keys", "the one in use", "another before it");
        let retry_after = draw.one(
            "Retry-After of a call beyond the rate",
            [
                ("seconds", RetryAfter::Seconds),
                ("a date", RetryAfter::Date),
            ],
        );
        Self {
            wire,
            member_order,
            rule_order,
            codes,
            wording,
            second_text,
            languages,
            code_length,
            code_seconds,
            state_token_seconds,
            single_use,
            newest_alone,
            refusal_spends_code,
            change_ends_sessions,
            renews_session,
            flat_user,
            session_token_length,
            login_seconds,
            operation_seconds,
            demand_warns,
            bare_denial,
            flag_as_text,
            drops_id_token,
            token_form,
            second_key,
            retry_after,
            choices: draw.into_choices(),
        }
    }

    /// What the seed answered, question by question.
    pub(super) fn choices(&self) -> &[Choice] {
        &self.choices
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
        assert!(plain.single_use && !plain.drops_id_token);
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
    fn no_question_is_asked_twice_and_no_two_answers_are_worded_alike() {
        let mut words: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for seed in 0..100 {
            let variation = Variation::from_seed(seed);
            let topics: BTreeSet<_> = variation.choices().iter().map(|c| c.topic).collect();
            assert_eq!(topics.len(), variation.choices().len());
            for choice in variation.choices() {
                let index = *words
                    .entry((choice.topic, choice.words))
                    .or_insert(choice.index);
                assert_eq!(index, choice.index, "{choice}");
            }
        }
    }
}

//! Everything the tenant remembers between two calls.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::{
    dialect::Dialect,
    jwt,
    policy::Policy,
    users::{User, Users, local_number},
    variation::Variation,
};
use crate::clock;

/// The registered applications.
#[derive(Debug, Clone)]
pub(super) struct Applications {
    pub client_id: String,
    pub client_secret: String,
    /// A second registered application.
    pub other_client_id: String,
    /// The ISV application template, known on the common domain only.
    pub isv_client_id: String,
    pub tenant_id: String,
}

/// What a session token stands for.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub user_id: String,
    pub expires: i64,
    /// The device that logged in; the server-side operations must name the same.
    pub fingerprint: Option<String>,
}

/// What an sso_ticket stands for.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub user_id: String,
    pub expires: i64,
}

/// Everything that was handed out and may come back.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub sessions: BTreeMap<String, Session>,
    pub tickets: BTreeMap<String, Ticket>,
    /// Management access tokens and when they end.
    pub access: BTreeMap<String, i64>,
    /// Captchas shown and not yet solved.
    pub captchas: BTreeSet<String>,
    /// Captcha tokens given for a solved captcha.
    pub solved: BTreeSet<String>,
    /// State tokens that have done their work.
    pub spent: BTreeSet<String>,
    /// The device that got a state token.
    pub devices: BTreeMap<String, String>,
    /// The newest state token of a user.
    pub newest: BTreeMap<String, String>,
}

/// Messages sent and not yet used: receiver, then purpose, then the code and its end.
#[derive(Debug, Default, Clone)]
pub(super) struct Outbox {
    codes: BTreeMap<String, BTreeMap<String, (String, i64)>>,
}

impl Outbox {
    pub(super) fn send(&mut self, receiver: &str, purpose: &str, code: String, expires: i64) {
        let sent = self.codes.entry(receiver_key(receiver)).or_default();
        sent.insert(purpose.to_owned(), (code, expires));
    }

    /// The newest live code of this purpose.
    pub(super) fn newest(&self, receiver: &str, purpose: &str, now: i64) -> Option<&str> {
        let (code, expires) = self.codes.get(&receiver_key(receiver))?.get(purpose)?;
        (now < *expires).then_some(code.as_str())
    }

    /// Every live code: receiver, purpose, code.
    pub(super) fn live(&self, now: i64) -> impl Iterator<Item = (&str, &str, &str)> {
        let sent = self.codes.iter().flat_map(|(receiver, by_purpose)| {
            let each = by_purpose.iter();
            each.map(move |(purpose, (code, expires))| (receiver, purpose, code, *expires))
        });
        sent.filter(move |(.., expires)| now < *expires)
            .map(|(receiver, purpose, code, _)| {
                (receiver.as_str(), purpose.as_str(), code.as_str())
            })
    }

    /// Forgets a code that was used, whatever it was sent for.
    pub(super) fn consume(&mut self, receiver: &str, code: &str) {
        if let Some(sent) = self.codes.get_mut(&receiver_key(receiver)) {
            sent.retain(|_, (known, _)| known != code);
        }
    }
}

/// E-mail addresses ignore case, mobile numbers their area code.
fn receiver_key(receiver: &str) -> String {
    if receiver.contains('@') {
        receiver.to_lowercase()
    } else {
        local_number(receiver)
    }
}

/// One tenant.
#[derive(Debug)]
pub(super) struct State {
    pub edition: Dialect,
    pub base_url: String,
    pub common_url: Option<String>,
    pub variation: Variation,
    pub policy: Policy,
    pub applications: Applications,
    pub users: Users,
    pub outbox: Outbox,
    pub tokens: Tokens,
    rng: Rng,
}

impl State {
    pub(super) fn new(
        edition: Dialect,
        seed: u64,
        base_url: String,
        common_url: Option<String>,
    ) -> Self {
        // The editions must not share client ids, or a mix-up would go unnoticed.
        let mut rng = Rng::with_seed(seed ^ (0x5eed << (edition as u32 + 1)));
        let applications = Applications {
            client_id: alphanumeric(&mut rng, 32),
            client_secret: alphanumeric(&mut rng, 48),
            other_client_id: alphanumeric(&mut rng, 32),
            isv_client_id: alphanumeric(&mut rng, 32),
            tenant_id: hex(&mut rng, 32),
        };
        Self {
            edition,
            base_url,
            common_url,
            variation: Variation::from_seed(seed),
            policy: Policy::default(),
            applications,
            users: Users::default(),
            outbox: Outbox::default(),
            tokens: Tokens::default(),
            rng,
        }
    }

    /// Letters and digits, as session tokens and client ids are made of.
    pub(super) fn alphanumeric(&mut self, length: usize) -> String {
        alphanumeric(&mut self.rng, length)
    }

    /// Lower-case hexadecimal digits.
    pub(super) fn hex(&mut self, length: usize) -> String {
        hex(&mut self.rng, length)
    }

    /// A verification code.
    pub(super) fn code(&mut self) -> String {
        let length = self.variation.credentials.code_length;
        std::iter::repeat_with(|| self.rng.digit(10))
            .take(length)
            .collect()
    }

    pub(super) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// A state token. Two of one second are one text, so a new one is never counted as spent.
    pub(super) fn issue_state_token(&mut self, state: &str, user_id: &str, issued: i64) -> String {
        let lifetime = self.variation.credentials.state_token_seconds;
        let form = self.variation.token_form;
        let token = jwt::issue_state(state, user_id, issued, lifetime, form);
        self.tokens.spent.remove(&token);
        token
    }

    /// An unused user id.
    pub(super) fn new_user_id(&mut self) -> String {
        loop {
            let id = format!(
                "{}-{}-{}",
                timestamp(clock::unix_millis()),
                hex(&mut self.rng, 4).to_uppercase(),
                hex(&mut self.rng, 9).to_uppercase()
            );
            if self.users.get(&id).is_none() {
                return id;
            }
        }
    }

    pub(super) fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(id)
    }
}

fn alphanumeric(rng: &mut Rng, length: usize) -> String {
    std::iter::repeat_with(|| rng.alphanumeric())
        .take(length)
        .collect()
}

fn hex(rng: &mut Rng, length: usize) -> String {
    std::iter::repeat_with(|| rng.digit(16))
        .take(length)
        .collect()
}

/// `yyyyMMddHHmmssSSS` in UTC.
fn timestamp(millis: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let seconds = moment.strftime("%Y%m%d%H%M%S");
    format!("{seconds}{:03}", millis.rem_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_the_documented_form() {
        let mut state = State::new(Dialect::Eiam, 0, String::new(), None);
        let id = state.new_user_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [17, 4, 9], "{id}");
        assert!(timestamp(1_653_466_412_519).starts_with("20220525081332519"));
    }

    #[test]
    fn a_code_belongs_to_receiver_and_purpose_until_it_expires() {
        let mut outbox = Outbox::default();
        outbox.send("+86-15200000000", "CHANGE_PWD_SMS", "123456".into(), 300);
        assert_eq!(
            outbox.newest("15200000000", "CHANGE_PWD_SMS", 299),
            Some("123456")
        );
        assert_eq!(outbox.newest("15200000000", "CHANGE_PWD_SMS", 300), None);
        assert_eq!(outbox.newest("15200000000", "LOGIN_SMS", 1), None);
        outbox.consume("15200000000", "123456");
        assert_eq!(outbox.newest("15200000000", "CHANGE_PWD_SMS", 1), None);
    }
}

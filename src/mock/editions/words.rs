//! The words for rules in the files of the editions, and the check behind each.

use crate::{
    mock::{
        call::Call,
        policy::Clause,
        rules::{
            Rule, Verdict, body,
            codes::{self, Channel},
            headers, management, password, tokens, user,
        },
        state::State,
    },
    yaml::{Field, Node, Shape},
};

/// A check that needs no word more than its name.
type Plain = fn(&Call, &State) -> Verdict;

/// Rules that are called by their names.
const PLAIN: &[(&str, Plain)] = &[
    ("x-client-id-known", headers::client_known),
    ("x-tenant-id-present", headers::tenant_present),
    ("x-tenant-id-known", headers::tenant_known),
    ("x-state-token-signed", tokens::state_token_signed),
    ("x-state-token-fresh", tokens::state_token_fresh),
    ("x-state-token-unspent", tokens::state_token_unspent),
    ("id-token-signed", tokens::id_token_signed),
    ("id-token-fresh", tokens::id_token_fresh),
    ("sso_ticket-alive", tokens::ticket_alive),
    ("body-object", body::object),
    ("user-exists", user::exists),
    ("user-enabled", user::enabled),
    ("user-unlocked", user::unlocked),
    ("user_name-free", user::name_free),
    ("mobile-known", user::mobile_known),
    ("email-known", user::email_known),
    ("password-correct", password::shown),
    ("old_password-correct", password::old_shown),
    ("captcha-solved", codes::captcha_solved),
    ("captcha_token-known", codes::captcha_token_known),
];

/// Rules that refuse in the form of OAuth, with the error they give: the same in every edition.
const OAUTH: &[(&str, &str, Plain)] = &[
    (
        "access-token-live",
        "invalid_token",
        tokens::access_token_live,
    ),
    (
        "grant_type-known",
        "unsupported_grant_type",
        management::grant_type,
    ),
    (
        "client-credentials",
        "invalid_token",
        management::credentials,
    ),
];

/// A rule with its words, as an entry of a list of rules has it.
pub(super) const WITH_WORDS: Shape = Shape::Object(&[
    Field::new("header", Shape::Text, "The header is there and not blank."),
    Field::new(
        "present",
        Shape::Text,
        "The member is there and, if it is a text, not blank.",
    ),
    Field::new("string", Shape::Text, "The member, if given, is a text."),
    Field::new(
        "text",
        Shape::Text,
        "Both: the member is there, and it is a text.",
    ),
    Field::new(
        "filled",
        Shape::Text,
        "The member is a text with something in it.",
    ),
    Field::new(
        "alive",
        Shape::Text,
        "The session token in this header or member is alive.",
    ),
    Field::new(
        "same_device",
        Shape::Text,
        "The device named is the one that got the session token here.",
    ),
    Field::new(
        "state_token",
        Shape::List(&Shape::Text),
        "The five rules about X-state-token, of a login that stopped at one of these stages.",
    ),
    Field::new(
        "purpose",
        Shape::List(&Shape::Text),
        "`type` is one of these.",
    ),
    Field::new(
        "area_code",
        Shape::Text,
        "For this purpose the number is given with its area code.",
    ),
    Field::new(
        "sms_code",
        Shape::List(&Shape::Text),
        "`verify_code` is the newest one sent to the user's number for one of these purposes.",
    ),
    Field::new(
        "email_code",
        Shape::List(&Shape::Text),
        "The same by e-mail.",
    ),
    Field::new(
        "if_forgotten",
        Shape::List(&Shape::Text),
        "The purposes that count instead in a call without Authorization.",
    ),
    Field::new(
        "policy",
        Shape::Text,
        "The password in this member keeps the policy: a rule for each clause.",
    ),
]);

/// What a rule looks at.
#[derive(Debug)]
enum Subject {
    Plain(Plain),
    OAuth(&'static str, Plain),
    Header(String),
    Present(String),
    String(String),
    Filled(String),
    Alive(String),
    SameDevice(String),
    Stage(Vec<String>),
    Purpose(Vec<String>),
    AreaCode(String),
    Code {
        channel: Channel,
        purposes: Vec<String>,
        if_forgotten: Vec<String>,
    },
    Clause(String, Clause),
}

/// A rule of a table before it has its code.
#[derive(Debug)]
pub(super) struct Described {
    pub name: String,
    subject: Subject,
}

impl Described {
    fn new(name: impl Into<String>, subject: Subject) -> Self {
        Self {
            name: name.into(),
            subject,
        }
    }

    /// Whether the edition has to say with which code it refuses.
    pub(super) const fn wants_code(&self) -> bool {
        !matches!(self.subject, Subject::OAuth(..))
    }

    /// The rule, which refuses with this code.
    pub(super) fn rule(&'static self, code: &'static str) -> Rule {
        let name = self.name.as_str();
        match &self.subject {
            Subject::Plain(check) => Rule::new(name, code, *check),
            Subject::OAuth(error, check) => Rule::oauth(name, error, *check),
            Subject::Header(header) => Rule::new(name, code, headers::present(header)),
            Subject::Present(member) => Rule::new(name, code, body::present(member)),
            Subject::String(member) => Rule::new(name, code, body::string(member)),
            Subject::Filled(member) => Rule::new(name, code, body::filled(member)),
            Subject::Alive(place) => Rule::new(name, code, tokens::session_alive(place)),
            Subject::SameDevice(place) => Rule::new(name, code, tokens::same_device(place)),
            Subject::Stage(stages) => Rule::new(name, code, tokens::state_token_stage(stages)),
            Subject::Purpose(known) => Rule::new(name, code, codes::purpose_known(known)),
            Subject::AreaCode(purpose) => Rule::new(name, code, codes::area_code_given(purpose)),
            Subject::Code {
                channel,
                purposes,
                if_forgotten,
            } => Rule::new(name, code, codes::correct(*channel, purposes, if_forgotten)),
            Subject::Clause(member, clause) => {
                Rule::new(name, code, password::keeps(member, *clause))
            }
        }
    }
}

/// The rule of this name, if it is one that needs no words.
pub(super) fn plain(name: &str) -> Option<Described> {
    let check = PLAIN.iter().find(|(known, _)| *known == name);
    if let Some((name, check)) = check {
        return Some(Described::new(*name, Subject::Plain(*check)));
    }
    let (name, error, check) = OAUTH.iter().find(|(known, ..)| *known == name)?;
    Some(Described::new(*name, Subject::OAuth(error, *check)))
}

/// The names of the rules that need no words.
pub(super) fn plain_names<'n>() -> impl Iterator<Item = &'n str> {
    let oauth = OAUTH.iter().map(|(name, ..)| *name);
    PLAIN.iter().map(|(name, _)| *name).chain(oauth)
}

/// The rules that an entry with words stands for, in the order they are asked.
pub(super) fn with_words(entry: &Node) -> Vec<Described> {
    let one = |key: &str| entry.get(key).and_then(Node::text).map(str::to_owned);
    let many = |key: &str| -> Option<Vec<String>> {
        let items = entry.get(key)?.items().iter();
        Some(items.filter_map(Node::text).map(str::to_owned).collect())
    };
    let mut out = Vec::new();
    if let Some(header) = one("header") {
        let name = format!("{}-present", header.to_ascii_lowercase());
        out.push(Described::new(name, Subject::Header(header)));
    }
    for key in ["present", "text"] {
        if let Some(member) = one(key) {
            let name = format!("{member}-present");
            out.push(Described::new(name, Subject::Present(member)));
        }
    }
    for key in ["string", "text"] {
        if let Some(member) = one(key) {
            let name = format!("{member}-string");
            out.push(Described::new(name, Subject::String(member)));
        }
    }
    if let Some(member) = one("filled") {
        let name = format!("{member}-present");
        out.push(Described::new(name, Subject::Filled(member)));
    }
    if let Some(place) = one("alive") {
        // Headers have their names in any letter case, members have not.
        let is_header = place.starts_with("X-");
        let shown = if is_header {
            place.to_ascii_lowercase()
        } else {
            place.clone()
        };
        out.push(Described::new(
            format!("{shown}-alive"),
            Subject::Alive(place),
        ));
    }
    if let Some(place) = one("same_device") {
        out.push(Described::new("same-device", Subject::SameDevice(place)));
    }
    if let Some(stages) = many("state_token") {
        let header = "X-state-token".to_owned();
        out.push(Described::new(
            "x-state-token-present",
            Subject::Header(header),
        ));
        out.extend(plain("x-state-token-signed"));
        out.extend(plain("x-state-token-fresh"));
        out.push(Described::new(
            "x-state-token-stage",
            Subject::Stage(stages),
        ));
        out.extend(plain("x-state-token-unspent"));
    }
    if let Some(known) = many("purpose") {
        out.push(Described::new("type-known", Subject::Purpose(known)));
    }
    if let Some(purpose) = one("area_code") {
        out.push(Described::new(
            "mobile-area-code",
            Subject::AreaCode(purpose),
        ));
    }
    for (key, channel) in [("sms_code", Channel::Sms), ("email_code", Channel::Email)] {
        if let Some(purposes) = many(key) {
            let if_forgotten = many("if_forgotten").unwrap_or_default();
            let subject = Subject::Code {
                channel,
                purposes,
                if_forgotten,
            };
            out.push(Described::new("verify_code-correct", subject));
        }
    }
    if let Some(member) = one("policy") {
        out.extend(Clause::ALL.into_iter().map(|clause| {
            let subject = Subject::Clause(member.clone(), clause);
            Described::new(clause.rule_name(), subject)
        }));
    }
    out
}

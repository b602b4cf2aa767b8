//! The password policy: which passwords may be set, and what each refusal has to say.
//!
//! Source: the password section of the OneAccess console manual, the policy text
//! in CIAM's `PASSWORD_WARN` example, and the seven `PWD` rows of the CIAM change page.

use super::{language::Language, users::User};

/// Passwords that keep every other rule and are refused all the same.
const WEAK: &[&str] = &[
    "P@ssw0rd1",
    "Passw0rd!",
    "Qwerty123!",
    "Admin@123",
    "Welcome1!",
    "1qaz@WSX",
    "Abcd@1234",
];

/// Personal data shorter than this is too common to be forbidden.
const SHORTEST_PERSONAL_DATUM: usize = 3;

/// The tenant's settings.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub min_length: usize,
    pub max_length: usize,
    /// How many of upper case, lower case, digit and other must occur.
    pub min_types: usize,
    /// How often one character may stand in a row.
    pub max_repeat: usize,
    /// How many former passwords stay forbidden beside the current one.
    pub history: usize,
    pub weak: &'static [&'static str],
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_length: 8,
            max_length: 18,
            min_types: 3,
            max_repeat: 3,
            history: 3,
            weak: WEAK,
        }
    }
}

/// One clause of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    Length,
    Types,
    Repeat,
    UserData,
    Reverse,
    Weak,
    History,
}

impl Clause {
    /// In the order the mock asks.
    pub(super) const ALL: [Self; 7] = [
        Self::Length,
        Self::Types,
        Self::Repeat,
        Self::UserData,
        Self::Reverse,
        Self::Weak,
        Self::History,
    ];

    /// The name of the rule that enforces it.
    pub(super) const fn rule_name(self) -> &'static str {
        match self {
            Self::Length => "password-length",
            Self::Types => "password-types",
            Self::Repeat => "password-repeat",
            Self::UserData => "password-user-data",
            Self::Reverse => "password-reversed-name",
            Self::Weak => "password-weak",
            Self::History => "password-history",
        }
    }
}

impl Policy {
    /// Whether `password` breaks `clause` for this user. Without a user, personal clauses hold.
    pub(super) fn breaks(&self, clause: Clause, password: &str, user: Option<&User>) -> bool {
        match clause {
            Clause::Length => {
                !(self.min_length..=self.max_length).contains(&password.chars().count())
            }
            Clause::Types => types(password) < self.min_types,
            Clause::Repeat => longest_run(password) > self.max_repeat,
            Clause::UserData => user.is_some_and(|user| contains_user_data(password, user)),
            Clause::Reverse => user.is_some_and(|user| {
                let reversed: String = user.user_name.chars().rev().collect();
                contains(password, &reversed)
            }),
            Clause::Weak => self
                .weak
                .iter()
                .any(|weak| weak.eq_ignore_ascii_case(password)),
            Clause::History => user.is_some_and(|user| {
                user.password.as_deref() == Some(password)
                    || user
                        .former
                        .iter()
                        .rev()
                        .take(self.history)
                        .any(|p| p == password)
            }),
        }
    }

    /// What fills the placeholders of the clause's message.
    pub(super) fn arguments(&self, clause: Clause, language: Language) -> Vec<String> {
        match clause {
            Clause::Length => vec![self.min_length.to_string(), self.max_length.to_string()],
            Clause::Repeat => vec![self.max_repeat.to_string()],
            Clause::Types => vec![match language {
                Language::English => format!(
                    "use at least {} of upper case, lower case, digits and symbols",
                    self.min_types
                ),
                Language::Chinese => {
                    format!(
                        "至少包含大写字母、小写字母、数字、特殊字符中的{}种",
                        self.min_types
                    )
                }
            }],
            Clause::UserData | Clause::Reverse | Clause::Weak | Clause::History => {
                vec![clause.rule_name().to_owned()]
            }
        }
    }

    /// The policy as CIAM's login puts it into `data` beside `PASSWORD_WARN`.
    pub(super) fn as_login_data(&self) -> String {
        let pattern = concat!(
            r"^(?![a-zA-Z]+$)(?![A-Z0-9]+$)(?![a-z0-9]+$)(?![A-Z\W_]+$)",
            r"(?![a-z\W_]+$)(?![0-9\W_]+$)[\x21-\x7e]+$"
        );
        serde_json::json!({
            "maxLength": self.max_length,
            "minLength": self.min_length,
            "regEx": pattern,
        })
        .to_string()
    }
}

fn types(password: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        |c| c.is_uppercase(),
        |c| c.is_lowercase(),
        |c| c.is_ascii_digit(),
        |c| !c.is_uppercase() && !c.is_lowercase() && !c.is_ascii_digit(),
    ];
    kinds
        .iter()
        .filter(|kind| password.chars().any(**kind))
        .count()
}

fn longest_run(password: &str) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for character in password.chars() {
        run = if last == Some(character) { run + 1 } else { 1 };
        last = Some(character);
        longest = longest.max(run);
    }
    longest
}

fn contains_user_data(password: &str, user: &User) -> bool {
    personal_data(user)
        .iter()
        .any(|datum| contains(password, datum))
}

/// User name, mobile number, part of the e-mail before the at sign and name in pinyin.
pub(super) fn personal_data(user: &User) -> Vec<String> {
    let prefix = user
        .email
        .as_deref()
        .and_then(|email| email.split('@').next());
    let digits = user.mobile.as_deref().map(super::users::local_number);
    let data = [
        Some(user.user_name.as_str()),
        digits.as_deref(),
        prefix,
        Some(user.pinyin.as_str()),
    ];
    data.into_iter().flatten().map(ToOwned::to_owned).collect()
}

fn contains(password: &str, datum: &str) -> bool {
    datum.chars().count() >= SHORTEST_PERSONAL_DATUM
        && password.to_lowercase().contains(&datum.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> User {
        User {
            user_name: "Probe7kq2mX9w".into(),
            pinyin: "wangxiaoming".into(),
            mobile: Some("+86-13812345678".into()),
            email: Some("mail4f8k2w@example.com".into()),
            password: Some("0ld-Passw0rd7".into()),
            former: vec!["F1rst-Secret".into()],
            ..User::default()
        }
    }

    fn broken(password: &str) -> Vec<Clause> {
        let policy = Policy::default();
        Clause::ALL
            .into_iter()
            .filter(|clause| policy.breaks(*clause, password, Some(&user())))
            .collect()
    }

    #[test]
    fn each_clause_can_be_broken_alone() {
        let table = [
            ("Ab1#xyz", Clause::Length),
            ("Ab1#xyzAb1#xyzAb1#x", Clause::Length),
            ("abcdefghijk", Clause::Types),
            ("Aaaa1111#x", Clause::Repeat),
            ("Probe7kq2mX9w#", Clause::UserData),
            ("13812345678aB#", Clause::UserData),
            ("Mail4f8k2w#", Clause::UserData),
            ("Wangxiaoming7#", Clause::UserData),
            ("w9Xm2qk7eborP", Clause::Reverse),
            ("P@ssw0rd1", Clause::Weak),
            ("F1rst-Secret", Clause::History),
            ("0ld-Passw0rd7", Clause::History),
        ];
        for (password, clause) in table {
            assert_eq!(broken(password), [clause], "{password}");
        }
    }

    #[test]
    fn the_passwords_of_the_documents_are_allowed() {
        for password in ["P@ssw0rd", "P@ssw0rd123", "N3w-Passw0rd1"] {
            assert!(broken(password).is_empty(), "{password}");
        }
    }

    #[test]
    fn every_weak_password_breaks_nothing_else() {
        for password in WEAK {
            assert_eq!(broken(password), [Clause::Weak], "{password}");
        }
    }

    #[test]
    fn a_former_password_is_forgotten_after_the_history_is_full() {
        let policy = Policy::default();
        let mut user = user();
        user.former = ["Gone-1aa", "Kept-1aa", "Kept-2aa", "Kept-3aa"]
            .map(String::from)
            .to_vec();
        assert!(!policy.breaks(Clause::History, "Gone-1aa", Some(&user)));
        assert!(policy.breaks(Clause::History, "Kept-1aa", Some(&user)));
    }
}

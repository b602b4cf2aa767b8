//! The tenant's users and the ways to find one.

use std::collections::BTreeMap;

/// Failed logins after which a user is locked (console manual: default 10).
pub(super) const LOCK_AFTER: u32 = 10;

/// How long a lock lasts (console manual: default 3 minutes).
const LOCK_SECONDS: i64 = 180;

/// How old a password is, as far as a login shows it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordState {
    #[default]
    Fresh,
    /// Inside the reminder window.
    Warn,
    Expired,
}

impl PasswordState {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "ok" => Some(Self::Fresh),
            "warn" => Some(Self::Warn),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "ok",
            Self::Warn => "warn",
            Self::Expired => "expired",
        }
    }
}

/// A user.
#[derive(Debug, Default, Clone)]
pub(super) struct User {
    /// In the form `20220425140138519-BF1B-528B0551B` that every edition shows.
    pub id: String,
    pub user_name: String,
    pub name: String,
    /// The name in pinyin, lower case, without spaces.
    pub pinyin: String,
    /// With area code: `+86-1…`.
    pub mobile: Option<String>,
    pub email: Option<String>,
    pub password: Option<String>,
    /// Former passwords, the most recent last.
    pub former: Vec<String>,
    pub password_state: PasswordState,
    /// Whether an administrator demands a change at the next login.
    pub must_modify: bool,
    /// Second factors demanded after the password, `SMS` and `EMAIL`.
    pub mfa: Vec<String>,
    /// Whether an access policy turns the user away.
    pub denied: bool,
    pub disabled: bool,
    pub failures: u32,
    pub locked_until: i64,
}

impl User {
    /// Sets a password; the user is then neither warned nor asked to change it.
    pub(super) fn set_password(&mut self, password: &str) {
        if let Some(old) = self.password.replace(password.to_owned()) {
            self.former.push(old);
        }
        self.password_state = PasswordState::Fresh;
        self.must_modify = false;
    }

    /// Attempts left before the lock, if one more fails now.
    pub(super) fn remaining_after_failure(&self) -> u32 {
        LOCK_AFTER.saturating_sub(self.failures + 1)
    }

    pub(super) fn is_locked(&self, now: i64) -> bool {
        now < self.locked_until
    }
}

/// All users, found by id, name, mobile or e-mail.
#[derive(Debug, Default)]
pub(super) struct Users {
    users: BTreeMap<String, User>,
    ids_by_name: BTreeMap<String, String>,
    ids_by_mobile: BTreeMap<String, String>,
    ids_by_email: BTreeMap<String, String>,
}

impl Users {
    pub(super) fn get(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(id)
    }

    pub(super) fn named(&self, user_name: &str) -> Option<&User> {
        self.get(self.ids_by_name.get(user_name)?)
    }

    /// With or without area code.
    pub(super) fn with_mobile(&self, mobile: &str) -> Option<&User> {
        self.get(self.ids_by_mobile.get(&local_number(mobile))?)
    }

    pub(super) fn with_email(&self, email: &str) -> Option<&User> {
        self.get(self.ids_by_email.get(&email.to_lowercase())?)
    }

    /// All users in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    pub(super) fn insert(&mut self, user: User) {
        self.ids_by_name
            .insert(user.user_name.clone(), user.id.clone());
        if let Some(mobile) = &user.mobile {
            self.ids_by_mobile
                .insert(local_number(mobile), user.id.clone());
        }
        if let Some(email) = &user.email {
            self.ids_by_email
                .insert(email.to_lowercase(), user.id.clone());
        }
        self.users.insert(user.id.clone(), user);
    }

    /// Whether there was such a user.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(user) = self.users.remove(id) else {
            return false;
        };
        self.ids_by_name.remove(&user.user_name);
        if let Some(mobile) = &user.mobile {
            self.ids_by_mobile.remove(&local_number(mobile));
        }
        if let Some(email) = &user.email {
            self.ids_by_email.remove(&email.to_lowercase());
        }
        true
    }

    /// Counts a failed attempt; the last allowed one locks the user.
    pub(super) fn count_failure(&mut self, id: &str, now: i64) {
        if let Some(user) = self.users.get_mut(id) {
            user.failures += 1;
            if user.failures >= LOCK_AFTER {
                user.failures = 0;
                user.locked_until = now + LOCK_SECONDS;
            }
        }
    }
}

/// A mobile number without area code and punctuation. Both forms occur in the examples.
pub(super) fn local_number(mobile: &str) -> String {
    let digits: String = mobile.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("86") {
        Some(local) if local.len() == 11 => local.to_owned(),
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_with_and_without_area_code() {
        for text in [
            "+86-15200000000",
            "15200000000",
            "+8615200000000",
            " 86-15200000000",
        ] {
            assert_eq!(local_number(text), "15200000000", "{text}");
        }
    }

    #[test]
    fn the_tenth_failure_locks() {
        let mut users = Users::default();
        users.insert(User {
            id: "u".into(),
            ..User::default()
        });
        for _ in 0..9 {
            users.count_failure("u", 100);
        }
        assert!(!users.get("u").is_some_and(|user| user.is_locked(100)));
        users.count_failure("u", 100);
        assert!(
            users
                .get("u")
                .is_some_and(|user| user.is_locked(279) && !user.is_locked(280))
        );
    }
}

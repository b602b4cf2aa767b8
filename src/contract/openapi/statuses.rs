//! For which statuses an answer is documented: one, a class of them, or all that nothing else is for.

use std::{fmt, str::FromStr};

/// A key of `responses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statuses {
    /// `404`.
    One(u16),
    /// `4XX`, by its first digit.
    Class(u16),
    /// `default`.
    Others,
}

impl Statuses {
    /// The status, where it is one.
    #[must_use]
    pub const fn one(self) -> Option<u16> {
        match self {
            Self::One(status) => Some(status),
            Self::Class(_) | Self::Others => None,
        }
    }

    /// Whether an answer with this status may be the one that is documented here. A more exact key
    /// comes first.
    #[must_use]
    pub const fn hold(self, status: u16) -> bool {
        match self {
            Self::One(own) => own == status,
            Self::Class(class) => status / 100 == class,
            Self::Others => true,
        }
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(status) => write!(f, "{status}"),
            Self::Class(class) => write!(f, "{class}XX"),
            Self::Others => f.write_str("default"),
        }
    }
}

impl FromStr for Statuses {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "default" {
            return Ok(Self::Others);
        }
        let class = text.strip_suffix("XX").and_then(|class| class.parse().ok());
        if let Some(class @ 1..=5) = class {
            return Ok(Self::Class(class));
        }
        match text.parse() {
            Ok(status @ 100..=599) => Ok(Self::One(status)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_responses_is_read_as_it_is_shown_and_holds_its_statuses() {
        for (text, held, others) in [
            ("404", vec![404], vec![400, 405]),
            ("4XX", vec![400, 499], vec![399, 500]),
            ("default", vec![100, 200, 599], vec![]),
        ] {
            let statuses: Statuses = text.parse().expect(text);
            assert_eq!(statuses.to_string(), text);
            assert!(
                held.into_iter().all(|status| statuses.hold(status)),
                "{text}"
            );
            assert!(
                !others.into_iter().any(|status| statuses.hold(status)),
                "{text}"
            );
        }
        for text in [
            "", "4xx", "0XX", "6XX", "99", "600", "4X", "Default", "200 ",
        ] {
            assert_eq!(text.parse::<Statuses>(), Err(()), "{text}");
        }
    }
}

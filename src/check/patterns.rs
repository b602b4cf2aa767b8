//! Regular expressions that are compiled once: every test case of a matrix compares with the same few.

use std::{cell::RefCell, collections::HashMap};

use regex::Regex;

/// Patterns that are remembered; a target's values may make any number of them.
const REMEMBERED: usize = 500;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::default();
}

/// The compiled pattern.
///
/// # Errors
/// When it is no regular expression.
pub(super) fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(known) = compiled.get(pattern) {
            return Ok(known.clone());
        }
        let made = Regex::new(pattern)?;
        if compiled.len() >= REMEMBERED {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), made.clone());
        Ok(made)
    })
}

/// The compiled pattern for a text as a whole.
///
/// # Errors
/// When it is no regular expression.
pub(super) fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    // What is none alone could be one in a group.
    compiled(pattern)?;
    compiled(&format!("^(?:{pattern})$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_the_same_however_often_it_is_asked_for_and_however_many_there_are() {
        for round in 0..2 {
            for number in 0..REMEMBERED + 10 {
                let pattern = compiled(&format!("^a{number}$")).expect("a pattern");
                assert!(pattern.is_match(&format!("a{number}")), "{round}");
                assert!(!pattern.is_match(&format!("a{number}0")));
            }
        }
        assert!(compiled("(").is_err() && compiled("(").is_err());
        COMPILED.with_borrow(|compiled| assert!(compiled.len() <= REMEMBERED));
    }
}

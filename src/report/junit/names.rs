//! Names of test cases and classes: each once in a file, and none that a reader cuts or splits.

use std::collections::HashSet;

use crate::report::text::one_line;

/// `ReportPortal` cuts longer names, and two cut names may become one.
const MAX_NAME: usize = 256;

/// Names by class that stand already.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<(String, String)>);

impl Names {
    /// A name that stands once under its class and is at most [`MAX_NAME`] characters long.
    pub(super) fn unique(&mut self, class: &str, name: &str) -> String {
        let name = one_line(name);
        let mut candidate = shortened(&name, MAX_NAME);
        let mut turn = 2;
        while !self.0.insert((class.to_owned(), candidate.clone())) {
            let suffix = format!(" ({turn})");
            candidate = format!("{}{suffix}", shortened(&name, MAX_NAME - suffix.len()));
            turn += 1;
        }
        candidate
    }
}

/// At most so many characters, the last of them `…` when something was left out.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit - 1).collect();
    format!("{}…", kept.trim_end())
}

/// `eiam.forced-change-by-mobile.headers`: dots between the parts, no blank and no slash in them.
pub(super) fn dotted<'a>(segments: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<String> = segments
        .into_iter()
        .map(|segment| one_line(segment).replace([' ', '/'], "-"))
        .filter(|segment| !segment.is_empty())
        .collect();
    if parts.is_empty() {
        String::from("probity")
    } else {
        parts.join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_name_has_neither_blank_nor_slash() {
        assert_eq!(
            dotted(["ciam", "skip update", "h[a/b]"]),
            "ciam.skip-update.h[a-b]"
        );
        assert_eq!(dotted([]), "probity");
    }

    #[test]
    fn a_class_name_has_no_empty_part() {
        assert_eq!(dotted(["", "a", " ", "b"]), "a.b");
    }

    #[test]
    fn a_name_stands_once_under_its_class_even_when_cut() {
        let mut names = Names::default();
        let long = "x".repeat(400);
        let first = names.unique("a", &long);
        let second = names.unique("a", &long);
        let elsewhere = names.unique("b", &long);
        assert_ne!(first, second);
        assert_eq!(first, elsewhere);
        assert_eq!([first, second].map(|name| name.chars().count()), [256, 256]);
    }

    #[test]
    fn further_rows_of_one_name_are_counted() {
        let mut names = Names::default();
        let given: Vec<_> = (0..4).map(|_| names.unique("a", "x")).collect();
        assert_eq!(given, ["x", "x (2)", "x (3)", "x (4)"]);
    }
}

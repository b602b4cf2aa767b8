//! Names of which a run can tell afterwards that it has given them.
//!
//! `${unique()}` in such a name is computed from the run and the number of what it names, so that
//! nobody who writes a name into a file can make it pass for one that the run chose.

use serde_json::Value;

use super::{Bindings, Piece, TemplateError, evaluate, function, names, pieces};

/// The expressions that make a name one that nothing else has, each by itself.
const UNIQUE: [&str; 2] = ["unique()", "run.id"];

/// Whether a text holds `${unique()}` or `${run.id}`, with nothing else done to it.
#[must_use]
pub(crate) fn holds_unique(text: &str) -> bool {
    let pieces = pieces(text).unwrap_or_default();
    pieces.iter().any(|piece| match piece {
        Piece::Expression(expression) => UNIQUE.contains(expression),
        Piece::Literal(_) => false,
    })
}

/// The text with each `${unique()}` replaced by what that gives for this seed; everything else stands
/// as it was.
///
/// # Errors
/// As [`super::render_text`], for a text that is not well formed.
pub(crate) fn fill_unique(text: &str, seed: &str) -> Result<String, TemplateError> {
    let mut out = String::new();
    for (index, piece) in pieces(text)?.into_iter().enumerate() {
        match piece {
            Piece::Literal("${") => out.push_str("$${"),
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Expression("unique()") => {
                out.push_str(&function::unique_of(&format!("{seed}/{index}")));
            }
            Piece::Expression(expression) => {
                out.push_str("${");
                out.push_str(expression);
                out.push('}');
            }
        }
    }
    Ok(out)
}

/// Whether a text could have given this value: what is written has to be there letter by letter, and
/// so has what can be computed from these bindings alone; of the rest nothing is known but that it
/// holds something.
#[must_use]
pub(crate) fn could_give(text: &str, value: &Value, bindings: &Bindings) -> bool {
    let Ok(pieces) = pieces(text) else {
        return false;
    };
    if let [Piece::Expression(expression)] = pieces.as_slice() {
        return match fixed(expression, bindings) {
            Some(known) => known == *value,
            None => value.is_number() || value.as_str().is_some_and(|text| !text.is_empty()),
        };
    }
    let Some(given) = value.as_str() else {
        return false;
    };
    // Where the pieces so far may end.
    let mut ends = vec![0];
    for piece in pieces {
        let exact = match piece {
            Piece::Literal(literal) => Some(literal.to_owned()),
            Piece::Expression(expression) => fixed(expression, bindings).map(|known| match known {
                Value::String(text) => text,
                other => other.to_string(),
            }),
        };
        ends = match (exact, ends.first()) {
            (_, None) => return false,
            (Some(exact), _) => ends
                .into_iter()
                .filter(|end| given[*end..].starts_with(&exact))
                .map(|end| end + exact.len())
                .collect(),
            (None, Some(first)) => {
                let behind = given[*first..].char_indices();
                behind.map(|(at, c)| first + at + c.len_utf8()).collect()
            }
        };
    }
    ends.contains(&given.len())
}

/// The value of an expression that these bindings decide; `None` for one that draws something, or
/// names what is not known here.
fn fixed(expression: &str, bindings: &Bindings) -> Option<Value> {
    let known = |name: &String| {
        let root = name.split('.').next().unwrap_or_default();
        bindings.contains_key(root)
    };
    if !names(expression).iter().all(known) {
        return None;
    }
    evaluate(expression, bindings, &mut |_, _| {}).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bindings() -> Bindings {
        let mut bindings = Bindings::new();
        bindings.insert("run".into(), json!({ "id": "r1" }));
        bindings.insert("target".into(), json!({ "prefix": "p" }));
        bindings
    }

    #[track_caller]
    fn gives(text: &str, value: impl Into<Value>, expected: bool) {
        let value = value.into();
        assert_eq!(could_give(text, &value, &bindings()), expected, "{value}");
    }

    #[test]
    fn what_is_written_and_what_is_known_is_there_letter_by_letter() {
        gives("probity-${run.id}", "probity-r1", true);
        for other in ["Probity-r1", "probity-r2", "probity-r1x", "xprobity-r1", ""] {
            gives("probity-${run.id}", other, false);
        }
        gives("probity-${run.id}", 7, false);
        gives("${run.id}", "r1", true);
        gives("${run.id}", "r2", false);
        gives("${target.prefix}-${run.id | upper}", "p-R1", true);
        gives("$${run.id}", "${run.id}", true);
        gives("$${run.id}", "r1", false);
    }

    #[test]
    fn what_is_not_known_holds_something() {
        for (text, value, expected) in [
            ("${with.a}-${run.id}-${with.b}", "ü-r1-r1-z", true),
            ("${with.a}-${run.id}-${with.b}", "-r1-z", false),
            ("${with.a}-${run.id}-${with.b}", "ü-r2-z", false),
            ("${target.fetched}-x", "anything-x", true),
            ("a${digits(3)}", "a123", true),
            ("a${digits(3)}", "a", false),
        ] {
            gives(text, value, expected);
        }
        gives("${with.id}", 7, true);
        for nothing in [json!(""), json!(null), json!({}), json!([1])] {
            gives("${with.id}", nothing, false);
        }
    }

    #[test]
    fn a_unique_part_is_the_same_for_the_same_seed_alone() {
        let name = |seed| fill_unique("a-${unique()}-$${x}-${with.b}", seed).unwrap();
        assert_eq!(name("r1/1"), name("r1/1"));
        assert_ne!(name("r1/1"), name("r1/2"));
        assert!(name("r1/1").ends_with("-$${x}-${with.b}"));
        let twice = fill_unique("${unique()}${unique()}", "r1/1").unwrap();
        assert_eq!(twice.len(), 20);
        assert_ne!(twice[..10], twice[10..]);
        assert!(fill_unique("${unique()", "r1/1").is_err());
    }

    #[test]
    fn only_a_unique_part_that_nothing_is_done_to_counts() {
        for (text, expected) in [
            ("probity-${unique()}", true),
            ("${ run.id }", true),
            ("${unique() | upper}", false),
            ("unique()", false),
            ("$${unique()}", false),
            ("${with.unique()}", false),
        ] {
            assert_eq!(holds_unique(text), expected, "{text}");
        }
    }
}

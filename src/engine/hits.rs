//! What an answer shows of something that is looked for: pure, so that every answer can be tried.
//!
//! A target may ignore what it was asked for and list everybody, so a hit is ours only if it shows the
//! very name that the run gave, as the same JSON value.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::target::Finds;

/// What an answer shows.
#[derive(Debug, PartialEq)]
pub(super) enum Hits {
    /// Ours is there; what it gives.
    Ours(Map<String, Value>),
    /// Ours is not there.
    Gone,
    /// What was answered does not tell whether ours is there, and so nothing may be done.
    Unsure(Unclear),
}

/// Why an answer does not tell, as the rest of a sentence about the step. Places are JSON pointers.
#[derive(Debug, PartialEq, Error)]
pub(super) enum Unclear {
    /// It is not what the step expects.
    #[error("{0}")]
    Broken(String),
    #[error("answered something else than JSON")]
    NotJson,
    #[error("answered neither a list nor a hit {}", place(.at))]
    NoHits { at: String },
    #[error("answered ours, and no `{name}` {} of it", place(.at))]
    Unnamed { name: String, at: String },
    #[error("{}", others(*.count, .wanted))]
    Others { count: usize, wanted: String },
    #[error(
        "answered {count} that show {wanted}, and the run made one: which it is cannot be told"
    )]
    Several { count: usize, wanted: String },
}

/// Looks through an answer for what bears these names.
pub(super) fn look(finds: &Finds, body: Option<&Value>, names: &Map<String, Value>) -> Hits {
    let Some(body) = body else {
        return Hits::Unsure(Unclear::NotJson);
    };
    let hits = match body.pointer(&finds.hits) {
        Some(Value::Array(hits)) => hits.iter().collect(),
        Some(hit @ Value::Object(_)) => vec![hit],
        Some(Value::Null) => Vec::new(),
        _ => {
            let at = finds.hits.clone();
            return Hits::Unsure(Unclear::NoHits { at });
        }
    };
    let is_ours = |hit: &&Value| {
        let mut shows = finds.shows.iter();
        !finds.shows.is_empty()
            && shows.all(|(name, at)| {
                let wanted = names.get(name);
                wanted.is_some() && hit.pointer(at) == wanted
            })
    };
    let mut ours: Vec<Map<String, Value>> = Vec::new();
    for hit in hits.iter().copied().filter(is_ours) {
        match given(finds, hit) {
            // The same one may be listed twice.
            Ok(given) if ours.contains(&given) => {}
            Ok(given) => ours.push(given),
            Err(why) => return Hits::Unsure(why),
        }
    }
    match (ours.len(), hits.len()) {
        (1, _) => Hits::Ours(ours.remove(0)),
        (0, 0) => Hits::Gone,
        (0, _) if finds.complete => Hits::Gone,
        (0, count) => {
            let wanted = wanted(finds, names);
            Hits::Unsure(Unclear::Others { count, wanted })
        }
        (count, _) => {
            let wanted = wanted(finds, names);
            Hits::Unsure(Unclear::Several { count, wanted })
        }
    }
}

/// What the hit holds for the steps after this one: texts and numbers that can name something.
fn given(finds: &Finds, hit: &Value) -> Result<Map<String, Value>, Unclear> {
    let each = finds.gives.iter().map(|(name, at)| match hit.pointer(at) {
        Some(value) if names_something(value) => Ok((name.clone(), value.clone())),
        _ => Err(Unclear::Unnamed {
            name: name.clone(),
            at: at.clone(),
        }),
    });
    each.collect()
}

/// A part of a path that is empty, `.` or `..` would lead to something else, and a number that is no
/// whole one is not what was written.
fn names_something(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_u64() || number.is_i64(),
        Value::String(text) => !matches!(text.as_str(), "" | "." | ".."),
        _ => false,
    }
}

fn others(count: usize, wanted: &str) -> String {
    let (hits, none) = match count {
        1 => ("1 hit".to_owned(), "and it does not show"),
        _ => (format!("{count} hits"), "and none shows"),
    };
    format!("answered {hits}, {none} {wanted}: it may be on another page")
}

fn wanted(finds: &Finds, names: &Map<String, Value>) -> String {
    let each = finds.shows.iter().map(|(name, at)| {
        let value = names.get(name).unwrap_or(&Value::Null);
        format!("{value} {}", place(at))
    });
    each.collect::<Vec<_>>().join(" and ")
}

fn place(at: &str) -> String {
    match at {
        "" => "as the whole".to_owned(),
        at => format!("at `{at}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finds() -> Finds {
        Finds {
            hits: "/users".into(),
            shows: vec![("user_name".into(), "/name".into())],
            gives: vec![("user_id".into(), "/id".into())],
            complete: false,
        }
    }

    fn seen(finds: &Finds, users: &Value) -> Hits {
        let Value::Object(names) = json!({ "user_name": "probity-a" }) else {
            unreachable!("the literal above is a map")
        };
        look(finds, Some(&json!({ "users": users })), &names)
    }

    #[track_caller]
    fn unsure(users: &Value, why: &str) {
        match seen(&finds(), users) {
            Hits::Unsure(unclear) => assert!(unclear.to_string().contains(why), "{unclear}"),
            other => panic!("{other:?}"),
        }
    }

    fn ours(id: &Value) -> Hits {
        Hits::Ours([("user_id".to_owned(), id.clone())].into_iter().collect())
    }

    #[test]
    fn of_everybody_the_one_that_shows_the_name_is_ours() {
        let (me, you) = (
            json!({"name": "probity-a", "id": 7}),
            json!({"name": "b", "id": 1}),
        );
        assert_eq!(seen(&finds(), &json!([you, me, you])), ours(&json!(7)));
        assert_eq!(seen(&finds(), &json!([me, me])), ours(&json!(7)));
        assert_eq!(seen(&finds(), &me), ours(&json!(7)));
        assert_eq!(seen(&finds(), &json!([])), Hits::Gone);
        assert_eq!(seen(&finds(), &json!(null)), Hits::Gone);
    }

    #[test]
    fn a_name_is_the_same_value_or_another_name() {
        for name in [
            json!("Probity-a"),
            json!("probity-ab"),
            json!("probity-"),
            json!(" probity-a"),
            json!(7),
            json!(["probity-a"]),
            json!(null),
        ] {
            unsure(&json!([{ "name": name, "id": 1 }]), "1 hit");
        }
        unsure(&json!([{ "id": 1 }, { "id": 2 }]), "2 hits, and none shows");
        unsure(&json!(["probity-a"]), "1 hit");
    }

    #[test]
    fn two_things_of_one_name_are_left_alone() {
        let two = json!([{"name": "probity-a", "id": 1}, {"name": "probity-a", "id": 7}]);
        unsure(&two, "which it is cannot be told");
        // A number is not the text of it.
        let two = json!([{"name": "probity-a", "id": 7}, {"name": "probity-a", "id": "7"}]);
        unsure(&two, "which it is cannot be told");
    }

    #[test]
    fn an_id_that_can_name_nothing_is_none() {
        for id in [
            json!(null),
            json!(""),
            json!(".."),
            json!("."),
            json!(1.5),
            json!(true),
            json!({}),
        ] {
            unsure(&json!([{ "name": "probity-a", "id": id }]), "no `user_id`");
        }
        unsure(&json!([{ "name": "probity-a" }]), "no `user_id`");
    }

    #[test]
    fn what_is_no_list_tells_nothing() {
        for answer in [json!("probity-a"), json!(7), json!(false)] {
            unsure(&answer, "neither a list nor a hit");
        }
        let names = Map::new();
        for body in [None, Some(&json!({ "other": [] }))] {
            assert!(matches!(look(&finds(), body, &names), Hits::Unsure(_)));
        }
    }

    #[test]
    fn a_name_that_the_journal_does_not_hold_is_shown_by_nothing() {
        let body = json!({ "users": [{ "id": 1 }, { "name": null, "id": 2 }] });
        let seen = look(&finds(), Some(&body), &Map::new());
        assert!(matches!(seen, Hits::Unsure(_)), "{seen:?}");
    }

    #[test]
    fn a_complete_list_without_ours_says_that_it_is_gone() {
        let complete = Finds {
            complete: true,
            ..finds()
        };
        let others = json!([{ "name": "b", "id": 1 }]);
        assert_eq!(seen(&complete, &others), Hits::Gone);
        unsure(&others, "it may be on another page");
    }
}

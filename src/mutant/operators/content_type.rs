//! The answer is labelled as something else than it is.

use crate::mutant::{
    Family, Mutant,
    edit::set_header,
    scope::{Named, Scope, allowed, edit, judged, may_have},
};

const NAME: &str = "Content-Type";

/// Operator, value, and the reason where the value means the documented one.
const LABELS: [(&str, Option<&str>, Option<&str>); 8] = [
    ("missing", None, None),
    ("empty", Some(""), None),
    ("text", Some("text/plain"), None),
    ("html", Some("text/html; charset=utf-8"), None),
    ("xml", Some("application/xml"), None),
    ("bytes", Some("application/octet-stream"), None),
    (
        "charset",
        Some("application/json;charset=UTF-8"),
        Some("a parameter leaves the media type what it is"),
    ),
    (
        "letters",
        Some("Application/JSON"),
        Some("media types are compared without regard to letter case (RFC 9110, section 8.3.1)"),
    ),
];

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for rule in scope.statuses() {
        let status = rule.status;
        for (operator, value, same) in LABELS {
            let breaks = scope.ids(|row| {
                may_have(&row.about, status)
                    && row
                        .about
                        .response_headers
                        .iter()
                        .any(|name| name.eq_ignore_ascii_case(NAME))
            });
            let judged = match same {
                Some(reason) => allowed(reason),
                None if rule.content_types.is_empty() => {
                    allowed("no body is documented, so its label does not matter")
                }
                // The pages print the content type of a success and none of a refusal.
                None => judged(breaks, "no page names the Content-Type of this answer"),
            };
            out.push(scope.answer(
                Named(Family::ContentType, &status.to_string(), operator),
                match value {
                    Some(value) => format!("labels its {status} answer {value:?}"),
                    None => format!("labels its {status} answer not at all"),
                },
                judged,
                edit(
                    move |_, response| response.status == status && response.header(NAME) != value,
                    move |response| set_header(response, NAME, value),
                ),
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, breaks, edited, request};

    #[test]
    fn the_label_changes_and_nothing_else() {
        let right = answer(200, "{}");
        for (operator, wanted) in [
            ("missing", None),
            ("empty", Some("")),
            ("text", Some("text/plain")),
            ("charset", Some("application/json;charset=UTF-8")),
        ] {
            let id = format!("eiam/skipPasswordUpdate/content-type/200:{operator}");
            let mut changed = edited(&id, &request(&[]), &right).expect("applies");
            assert_eq!(changed.header("Content-Type"), wanted);
            changed.headers.retain(|(name, _)| name != "content-type");
            let mut rest = right.clone();
            rest.headers.retain(|(name, _)| name != "content-type");
            assert_eq!(changed, rest);
            assert_eq!(edited(&id, &request(&[]), &answer(400, "{}")), None);
        }
    }

    #[test]
    fn only_a_label_that_a_page_prints_is_promised() {
        let of = |place: &str| breaks(place);
        assert_eq!(
            of("eiam/skipPasswordUpdate/content-type/200:text"),
            Ok(vec!["EIAM-SKIP-R02"])
        );
        assert!(of("eiam/skipPasswordUpdate/content-type/400:text").is_err());
        assert!(of("eiam/skipPasswordUpdate/content-type/200:charset").is_err());
        assert!(of("ciam/changePasswordByMobile/content-type/200:missing").is_err());
    }
}

//! What was sent and what came back, as the page shows it.

use serde::Serialize;

use super::body::{self, Line};
use crate::{
    report::text::{one_line, visible},
    result::{
        Blocker, CaseResult, Mismatch, RecordedExchange, RecordedToken, StepOwner, StepResult,
        Subject,
    },
};

/// What was sent, and what came back.
#[derive(Serialize)]
pub(super) struct Exchange {
    call: String,
    request_headers: Vec<(String, String)>,
    request_body: Vec<Line>,
    status: Option<u16>,
    millis: u128,
    response_headers: Vec<Header>,
    response_body: Vec<Line>,
    /// The status itself is wrong.
    status_marked: bool,
    trouble: String,
    tokens: Vec<Token>,
    curl: String,
}

#[derive(Serialize)]
struct Header {
    name: String,
    value: String,
    marked: bool,
}

#[derive(Serialize)]
struct Token {
    place: String,
    summary: String,
    header: String,
    claims: String,
}

impl Exchange {
    /// An exchange with these findings; where a provider stopped at it, a status of refusal is wrong too.
    pub(super) fn of(exchange: &RecordedExchange, wrong: &[&Mismatch], stopped: bool) -> Self {
        let pointers: Vec<&str> = wrong.iter().filter_map(|one| pointer(one)).collect();
        let is_wrong = |name: &str| {
            let subject = Subject::header(name);
            wrong.iter().any(|one| match &one.subject {
                Subject::Claim { token, .. } => {
                    let header = token.strip_prefix(RecordedToken::IN_HEADER);
                    header.is_some_and(|header| header.eq_ignore_ascii_case(name))
                }
                other => *other == subject,
            })
        };
        let refused = exchange.status.is_some_and(|status| status >= 400);
        let is_the_status = |one: &&Mismatch| {
            matches!(
                one.subject,
                Subject::Status | Subject::Accepted | Subject::Refused
            )
        };
        let body = |text: &Option<String>, wrong: &[&str]| {
            let text = text.as_deref().unwrap_or_default();
            body::bounded(body::lines(text, wrong))
        };
        let token = |text: &str| {
            let lines = body::lines(text, &[]).into_iter().map(|line| line.text);
            lines.collect::<Vec<_>>().join("\n")
        };
        Self {
            call: one_line(&format!("{} {}", exchange.method, exchange.url)),
            request_headers: exchange
                .request_headers
                .iter()
                .map(|(name, value)| (one_line(name), one_line(value)))
                .collect(),
            request_body: body(&exchange.request_body, &[]),
            status: exchange.status,
            millis: exchange.elapsed.as_millis(),
            response_headers: exchange
                .response_headers
                .iter()
                .map(|(name, value)| Header {
                    marked: is_wrong(name),
                    name: one_line(name),
                    value: one_line(value),
                })
                .collect(),
            response_body: body(&exchange.response_body, &pointers),
            status_marked: (stopped && refused) || wrong.iter().any(is_the_status),
            trouble: one_line(exchange.trouble.as_deref().unwrap_or_default()),
            tokens: exchange
                .tokens
                .iter()
                .map(|one| Token {
                    place: one_line(&one.place),
                    summary: one_line(&one.summary),
                    header: token(&one.header),
                    claims: token(&one.claims),
                })
                .collect(),
            curl: visible(&exchange.curl),
        }
    }
}

/// Where in the body a finding is, as a JSON Pointer. Codes, texts and effects stand wherever the contract
/// puts them, which the place alone says.
fn pointer(of: &Mismatch) -> Option<&str> {
    match &of.subject {
        Subject::Member(at) | Subject::Absent(at) => Some(at),
        Subject::Claim { token, .. } => {
            let in_body = token.is_empty() || token.starts_with('/');
            in_body.then_some(token)
        }
        Subject::Form => Some(""),
        Subject::Code | Subject::Message | Subject::Closed | Subject::Effect(_) => {
            body::pointer(&of.place)
        }
        Subject::Delivery
        | Subject::Accepted
        | Subject::Refused
        | Subject::Status
        | Subject::MediaType
        | Subject::Header(_) => None,
    }
}

/// Whether this is the step at which a provider stopped, so that the test case was not judged.
pub(super) fn stopped(case: &CaseResult, step: &StepResult) -> bool {
    let Some(Blocker::Provider { name, step: at }) = &case.blocked_by else {
        return false;
    };
    at.as_ref() == Some(&step.name) && step.owner == StepOwner::Provider(name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{ErrorReason, Part, Repeated, Source, Verdict};

    fn answered(status: u16) -> RecordedExchange {
        RecordedExchange {
            status: Some(status),
            response_headers: vec![("X-One".to_owned(), "1".to_owned())],
            response_body: Some(r#"{"a":{"b":1},"code":"E"}"#.to_owned()),
            ..RecordedExchange::default()
        }
    }

    fn finding(subject: Subject, place: &str) -> Mismatch {
        Mismatch {
            subject,
            place: place.to_owned(),
            expected: Vec::new(),
            actual: String::new(),
        }
    }

    /// What is marked of an answer with this finding.
    fn marked(subject: Subject, place: &str) -> Vec<String> {
        let shown = Exchange::of(&answered(200), &[&finding(subject, place)], false);
        let status = shown.status_marked.then(|| "status".to_owned());
        let headers = shown.response_headers.into_iter();
        let headers = headers.filter(|one| one.marked).map(|one| one.name);
        let lines = shown.response_body.into_iter();
        let lines = lines.filter(|line| line.marked).map(|line| line.text);
        status.into_iter().chain(headers).chain(lines).collect()
    }

    #[test]
    fn what_a_finding_is_about_is_marked_whatever_its_place_says() {
        assert_eq!(marked(Subject::Status, "x"), ["status"]);
        assert_eq!(marked(Subject::Refused, "x"), ["status"]);
        assert_eq!(marked(Subject::header("x-one"), "x"), ["X-One"]);
        assert_eq!(
            marked(Subject::Member("/a/b".into()), "x"),
            [r#"    "b": 1"#]
        );
        assert_eq!(marked(Subject::Code, "body /code"), [r#"  "code": "E""#]);
        assert_eq!(marked(Subject::Delivery, "body /a"), [""; 0]);
    }

    #[test]
    fn a_refusal_at_which_a_provider_stopped_is_marked() {
        assert!(Exchange::of(&answered(503), &[], true).status_marked);
        assert!(!Exchange::of(&answered(503), &[], false).status_marked);
        assert!(!Exchange::of(&answered(200), &[], true).status_marked);
    }

    #[test]
    fn a_provider_stops_at_its_own_step_alone() {
        let step = |owner: StepOwner, name: &str| StepResult {
            name: name.into(),
            part: Part::Setup,
            owner,
            checks: Vec::new(),
            exchange: None,
            attempts: 1,
            repeated: Repeated::default(),
            earlier: Vec::new(),
        };
        let mut case = CaseResult {
            id: "a/b/c".into(),
            title: String::new(),
            edition: "ciam".to_owned(),
            operation: "openDoor".into(),
            control: false,
            source: Source::default(),
            requirements: Vec::new(),
            verdict: Verdict::Error(ErrorReason::SetupFailed),
            outcome: None,
            stands: false,
            waiver: None,
            blocked_by: None,
            detail: None,
            causes: Vec::new(),
            steps: Vec::new(),
            tags: Vec::new(),
            basis: crate::result::Basis::default(),
            elapsed: std::time::Duration::ZERO,
        };
        let provider = || StepOwner::Provider("sms".into());
        assert!(!stopped(&case, &step(provider(), "read")));
        case.blocked_by = Some(Blocker::Provider {
            name: "sms".into(),
            step: Some("read".into()),
        });
        assert!(stopped(&case, &step(provider(), "read")));
        assert!(!stopped(&case, &step(provider(), "send")));
        assert!(!stopped(&case, &step(StepOwner::Case, "read")));
    }
}

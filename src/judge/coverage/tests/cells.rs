//! Which cells a planned row fills.

#![cfg(test)]

use crate::{
    contract::{
        Contract, Mode,
        sample::{contract, numbered},
    },
    judge::{
        coverage::cells::filled,
        sample::{plan, plan_of, row},
    },
    plan::Plan,
};

/// The cells of a row, the door's own without its name.
fn cells(plan: &Plan, name: &str) -> Vec<String> {
    cells_by(contract(), plan, name)
}

fn cells_by(contract: &Contract, plan: &Plan, name: &str) -> Vec<String> {
    let cells = filled(row(plan, name), contract).into_iter();
    cells
        .map(|key| {
            let mode = key.mode.map(Mode::label).unwrap_or_default();
            let text = format!(
                "{} {} {} {mode}",
                key.operation,
                key.matrix.label(),
                key.item
            );
            text.trim_end().replace("openDoor ", "")
        })
        .collect()
}

/// The cells of the row `it`, which alters and expects this.
#[track_caller]
fn check(it: &str, expected: &[&str]) {
    let plan = plan(&format!("  - id: it\n    {}\n", it.replace('\n', "\n    ")));
    assert_eq!(cells(&plan, "it"), expected, "{it}");
}

/// The cells of `it` beside those that its refusal with A.0001 fills.
#[track_caller]
fn refused(it: &str, expected: &[&str]) {
    const ANSWER: [&str; 4] = [
        "statuses 400",
        "errors A.0001",
        "responses 400 /error_code",
        "responses 400 /error_msg",
    ];
    let it = format!("{it}\nexpect: {{ error: A.0001 }}");
    let plan = plan(&format!("  - id: it\n    {}\n", it.replace('\n', "\n    ")));
    let mut cells = cells(&plan, "it");
    for known in ANSWER {
        let at = cells.iter().position(|cell| cell == known);
        cells.remove(at.unwrap_or_else(|| panic!("{known} in {cells:?}")));
    }
    assert_eq!(cells, expected, "{it}");
}

#[test]
fn an_accepted_request_shows_that_everything_in_it_is_valid() {
    let plan =
        plan("  - { id: it, covers: D-OPEN, without: { header: X-L }, expect: { status: 200 } }\n");
    let valid = [
        "headers Content-Type valid",
        "headers X-L valid",
        "headers X-agent valid",
        "headers X-client-id valid",
        "members / valid",
        "members /code valid",
        "members /note valid",
    ];
    let mut control = vec!["statuses 200"];
    control.extend(valid);
    control.push("responses 200 /status");
    assert_eq!(cells(&plan, "control"), control);
    // What was left out is accepted as such, and shows nothing of the valid header.
    let omitted = valid.map(|cell| cell.replace("X-L valid", "X-L omitted"));
    let it = cells(&plan, "it");
    assert_eq!(
        it.split_first().unwrap(),
        (&"statuses 200".to_owned(), &omitted[..])
    );
}

#[test]
fn a_header_stands_under_the_spelling_of_the_documents_and_an_undocumented_one_under_its_own() {
    let file = "edition: ciam\noperation: ringBell\nrequest: { headers: { x-CLIENT-id: me, X-more: a } }\n\
                control: { covers: B-RING, expect: { status: 204 } }\n";
    assert_eq!(
        cells(&plan_of(file), "control"),
        [
            "ringBell statuses 204",
            "ringBell headers X-client-id valid",
            "ringBell headers X-more valid",
        ]
    );
}

#[test]
fn the_members_of_a_body_are_pointers() {
    let file = "edition: ciam\noperation: openDoor\nrequest: { body: { a~/b: 1 } }\n\
                control: { covers: D-OPEN, expect: { status: 200 } }\n";
    assert_eq!(
        cells(&plan_of(file), "control"),
        ["statuses 200", "members / valid", "members /a~0~1b valid"]
    );
    let list = file.replace("{ a~/b: 1 }", "[1]");
    assert_eq!(cells(&plan_of(&list), "control"), ["statuses 200"]);
}

#[test]
fn a_refusal_shows_the_one_fault_of_its_request() {
    refused(
        "covers: D-OPEN\nwithout: { header: X-client-id }",
        &["headers X-client-id omitted"],
    );
    refused(
        "covers: D-OPEN\nblank: { member: /code }",
        &["members /code blank"],
    );
    refused(
        "covers: D-OPEN\nwithout: { body: true }",
        &["members / omitted"],
    );
    refused(
        "covers: D-OPEN\nduplicate: { header: X-L }",
        &["headers X-L duplicate"],
    );
    refused("covers: D-OPEN\nrecase: x-l", &["headers X-L other-case"]);
    refused(
        "covers: D-OPEN\nset: { headers: { X-L: fr } }",
        &["headers X-L malformed"],
    );
    refused(
        "covers: D-OPEN\nset: { members: { /code: 3 } }",
        &["members /code malformed"],
    );
    refused("covers: D-OPEN\nraw-body: \"{\"", &["members / malformed"]);
    // Of two faults neither is shown.
    refused(
        "covers: D-OPEN\nwithout: { headers: [X-client-id, X-agent] }",
        &[],
    );
    refused(
        "covers: D-OPEN\nwithout: { header: X-client-id }\nblank: { member: /code }",
        &[],
    );
}

#[test]
fn a_documented_language_is_no_fault_and_neither_is_a_value_that_was_accepted() {
    refused(
        "covers: D-OPEN\nwithout: { header: X-client-id }\nset: { headers: { X-L: zh } }",
        &["headers X-client-id omitted"],
    );
    refused("covers: D-OPEN\nset: { headers: { X-L: zh } }", &[]);
    let plan = plan(
        "  - id: it\n    covers: D-OPEN\n    set: { headers: { X-agent: b }, members: { /note: z } }\n    expect: { status: 200 }\n",
    );
    let mut control = cells(&plan, "control");
    control.retain(|cell| !cell.starts_with("responses"));
    assert_eq!(cells(&plan, "it"), control);
}

#[test]
fn another_request_line_is_not_the_operation_whatever_it_answers() {
    check(
        "covers: D-OPEN\nset: { method: PUT }\nexpect: { status: 200 }\n\
         then: [{ operation: ringBell, expect: { status: 204 } }]",
        &["ringBell statuses 204"],
    );
}

#[test]
fn judged_steps_show_the_answers_of_their_own_operations() {
    check(
        "covers: D-OPEN\nset: { path: /x }\nexpect: { status: 200 }\n\
         setup: [{ operation: logIn, expect: { error: A.0004 } }, { request: GET /x, expect: { status: 200 } }]\n\
         then: [{ operation: ringBell, expect: { status: 400, error: any } }, { operation: logIn }]\n\
         cleanup: [{ operation: logIn, expect: { status: 200 } }]",
        &[
            "logIn statuses 400",
            "logIn errors A.0004",
            "logIn responses 400 /error_code",
            "logIn responses 400 /error_msg",
            "ringBell statuses 400",
            "ringBell responses 400 /error_code",
            "ringBell responses 400 /error_msg",
        ],
    );
}

#[test]
fn only_what_is_pinned_down_is_shown_of_an_answer() {
    #[track_caller]
    fn members(expect: &str, shown: &[&str]) {
        let step = format!(
            "covers: D-OPEN\nset: {{ path: /x }}\nexpect: {{ status: 200 }}\nthen: [{{ operation: openDoor, expect: {expect} }}]"
        );
        check(&step, shown);
    }
    let omit = "covers: D-OPEN\nwithout: { header: X-client-id }\nexpect:";
    let fault = "headers X-client-id omitted";
    // Several outcomes are none of them, and no acceptance where one of them is a refusal.
    check(
        &format!("{omit} {{ error: [A.0001, A.0003] }}"),
        &[
            "statuses 400",
            fault,
            "responses 400 /error_code",
            "responses 400 /error_msg",
        ],
    );
    check(&format!("{omit} {{ error: [A.0001, A.0002] }}"), &[fault]);
    check(&format!("{omit} {{ status: [200, 400] }}"), &[fault]);
    check(
        &format!("{omit} {{ status: 400 }}"),
        &["statuses 400", fault],
    );
    check(
        &format!("{omit} {{ status: 200, error: A.0001, beyond-contract: why }}"),
        &[
            "statuses 200",
            "errors A.0001",
            fault,
            "responses 200 /error_code",
            "responses 200 /error_msg",
        ],
    );
    check(
        &format!("{omit} {{ any-of: [{{ status: 200 }}, {{ error: A.0001 }}] }}"),
        &[fault],
    );
    check(&format!("{omit} {{ body: {{ status: OPEN }} }}"), &[fault]);
    members(
        "{ status: 200, body: { status: OPEN, expire: { absent: true } } }",
        &["statuses 200", "responses 200 /status"],
    );
    members(
        "{ status: 200, only-members: [status, expire] }",
        &[
            "statuses 200",
            "responses 200 /expire",
            "responses 200 /status",
        ],
    );
    members(
        "{ status: 200, without-members: [status] }",
        &["statuses 200"],
    );
    members(
        "{ status: 200, jwt: { at: /id_token, kid: present } }",
        &["statuses 200", "responses 200 /id_token"],
    );
    members(
        "{ status: 400, message: { language: en }, beyond-contract: why }",
        &["statuses 400", "responses 400 /error_msg"],
    );
    members("{ body: { status: OPEN } }", &[]);
}

#[test]
fn several_accepted_statuses_are_an_acceptance_without_a_status() {
    let plan = plan(
        "  - id: it\n    covers: D-OPEN\n    without: { headers: [X-L, X-agent] }\n    expect: { status: [200, 204], beyond-contract: why }\n",
    );
    assert_eq!(
        cells(&plan, "it"),
        [
            "headers Content-Type valid",
            "headers X-L omitted",
            "headers X-agent omitted",
            "headers X-client-id valid",
            "members / valid",
            "members /code valid",
            "members /note valid",
        ]
    );
}

#[test]
fn of_several_faults_the_one_that_the_requirement_names_is_shown() {
    let two = "without: { header: X-client-id }\nblank: { header: X-agent }";
    refused(
        &format!("covers: D-CLIENT\n{two}"),
        &["headers X-client-id omitted"],
    );
    refused(
        &format!("covers: D-AGENT\n{two}"),
        &["headers X-agent blank"],
    );
    refused(
        &format!("covers: [D-AGENT, D-CLIENT]\n{two}"),
        &["headers X-agent blank", "headers X-client-id omitted"],
    );
    // One that names several parts says nothing about each of them.
    refused(&format!("covers: D-BOTH\n{two}"), &[]);
    refused("covers: D-PARTS\nblank: { headers: [X-agent, X-L] }", &[]);
    refused(
        "covers: D-BOTH\nblank: { header: X-agent, member: /note }",
        &[],
    );
    // Nor does one whose mode several faults have.
    refused(
        "covers: D-CLIENT\nwithout: { headers: [X-client-id, X-agent] }",
        &[],
    );
    refused(
        "covers: D-CLIENT\nwithout: { header: X-client-id }\nblank: { headers: [X-agent, X-L] }",
        &["headers X-client-id omitted"],
    );
    // What the row does not do it does not show.
    refused(
        "covers: D-CLIENT\nwithout: { header: X-agent }",
        &["headers X-agent omitted"],
    );
    refused(
        "covers: D-CODE\nset: { members: { /note: 3 } }",
        &["members /note malformed"],
    );
    refused(
        "covers: D-BODY\nwithout: { member: /code }\nblank: { header: X-agent }",
        &[],
    );
    refused(
        "covers: D-BODY\nwithout: { body: true }\nblank: { header: X-agent }",
        &["members / omitted"],
    );
}

#[test]
fn a_body_that_was_replaced_holds_the_fault_that_the_requirement_names() {
    refused(
        "covers: D-CODE\nbody: { code: 3 }",
        &["members / malformed", "members /code malformed"],
    );
    refused(
        "covers: D-NOTE\nbody: { code: x, note: \"\" }",
        &["members / malformed", "members /note blank"],
    );
    refused(
        "covers: D-CLIENT\nbody: { code: 3 }",
        &["members / malformed"],
    );
}

#[test]
fn a_refusal_has_the_members_that_the_error_table_names() {
    let rows = "
  - { id: code, covers: D-OPEN, without: { header: X-L }, expect: { error: A.0001 } }
  - { id: text, covers: D-OPEN, without: { header: X-L }, expect: { status: 400, message: { language: en }, beyond-contract: why } }
";
    let plan = plan(rows);
    let by_number = |name: &str| cells_by(numbered(), &plan, name);
    let omitted = "headers X-L omitted";
    let code = [
        "statuses 400",
        "errors A.0001",
        omitted,
        "responses 400 /fault",
    ];
    assert_eq!(by_number("code"), code);
    assert_eq!(by_number("text"), ["statuses 400", omitted]);
}

#[test]
fn a_refusal_beside_an_altered_parameter_shows_no_fault_of_the_rest() {
    let query = "set: { query: { a: b } }";
    refused(&format!("covers: D-OPEN\n{query}"), &[]);
    refused(
        &format!("covers: D-OPEN\n{query}\nwithout: {{ header: X-client-id }}"),
        &[],
    );
}

#[test]
fn the_fields_of_a_form_are_members_too() {
    let file = "edition: ciam\noperation: openDoor\nrequest: { form: { code: [x, y], note: z } }\n\
                control: { covers: D-OPEN, expect: { status: 200 } }\n";
    assert_eq!(
        cells(&plan_of(file), "control"),
        [
            "statuses 200",
            "members / valid",
            "members /code valid",
            "members /note valid"
        ]
    );
}

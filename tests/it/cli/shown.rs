//! What `list`, `show`, `lint` and `--help` print.

use probity::result::EXIT_CODES;

use super::{finish, probity, program};
use crate::{
    diagnostics::copy,
    support::{root, shipped},
};

#[test]
fn help_names_every_exit_code_and_every_subcommand() {
    let shown = probity(&["--help"]).expect(0);
    for word in [
        "run", "rerun", "list", "check", "lint", "show", "cleanup", "mock", "prove",
    ] {
        assert!(shown.out.contains(word), "no `{word}` in\n{}", shown.out);
    }
    // Lines are folded to the width of the terminal.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    for (code, meaning) in EXIT_CODES {
        let line = format!("{code} {meaning}");
        assert!(
            words(&shown.out).contains(&line),
            "no `{line}` in\n{}",
            shown.out
        );
        let row = format!("| {code} | {meaning} |");
        assert!(readme.contains(&row), "no `{row}` in the README");
    }
    assert_eq!(shown.err, "");
}

#[test]
fn help_of_every_subcommand_is_no_error() {
    for command in ["run", "rerun", "list", "lint", "show", "mock"] {
        let shown = probity(&[command, "--help"]).expect(0);
        assert!(
            shown.out.contains("Usage: probity"),
            "{command}:\n{}",
            shown.out
        );
    }
}

#[test]
fn the_version_is_the_crates() {
    let shown = probity(&["--version"]).expect(0);
    assert_eq!(
        shown.out.trim(),
        format!("probity {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn the_list_is_every_row_in_the_plans_order() {
    let listed = probity(&["list"]).expect(0);
    let suite = shipped();
    let planned: Vec<&str> = suite
        .plan
        .cases
        .iter()
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(listed.out.lines().collect::<Vec<_>>(), planned);
}

#[test]
fn the_list_of_an_edition_holds_that_edition_and_no_other() {
    let all = probity(&["list"]).expect(0).out;
    for edition in ["eiam", "ciam", "oneaccess"] {
        let front = format!("{edition}/");
        let wanted: Vec<&str> = all.lines().filter(|id| id.starts_with(&front)).collect();
        let listed = probity(&["list", "--edition", edition]).expect(0);
        assert!(!wanted.is_empty(), "{edition} has no rows");
        assert_eq!(listed.out.lines().collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn the_list_takes_requirements_parts_of_ids_and_tags() {
    let by_part = probity(&["list", "ciam/skip-update"]).expect(0).out;
    assert!(
        by_part.lines().count() > 10 && by_part.lines().all(|id| id.contains("ciam/skip-update")),
        "{by_part}"
    );
    let by_requirement = probity(&["list", "CIAM-SKIP-H18", "--long"]).expect(0).out;
    assert!(
        by_requirement.lines().count() > 0
            && by_requirement
                .lines()
                .all(|line| line.contains("CIAM-SKIP-H18")),
        "{by_requirement}"
    );
    let by_tag = probity(&["list", "--tag", "headers"]).expect(0).out;
    let suite = shipped();
    let tagged: Vec<&str> = suite
        .plan
        .cases
        .iter()
        .filter(|case| case.tags.iter().any(|tag| tag == "headers"))
        .map(|case| case.id.as_str())
        .collect();
    assert!(!tagged.is_empty() && tagged.len() < suite.plan.cases.len());
    assert_eq!(by_tag.lines().collect::<Vec<_>>(), tagged);
}

#[test]
fn the_long_list_says_which_rows_are_only_observed() {
    let listed = probity(&["list", "--long"]).expect(0).out;
    let suite = shipped();
    for (line, case) in listed.lines().zip(&suite.plan.cases) {
        let kind = if case.observe.is_some() {
            "observed"
        } else {
            "judged"
        };
        assert_eq!(line.split('\t').nth(1), Some(kind), "{line}");
    }
    assert!(listed.contains("\tobserved\t"), "{listed}");
}

#[test]
fn a_list_that_is_empty_is_no_success() {
    let listed = probity(&["list", "no-such-row-anywhere"]).expect(3);
    assert_eq!(listed.out, "");
    assert!(listed.err.contains("no row matches"), "{}", listed.err);
}

#[test]
fn a_row_is_shown_with_its_place_and_its_request_as_a_curl_line() {
    let shown = probity(&["show", "ciam/skip-update/headers/client-id-missing"]).expect(0);
    for word in [
        "cases/ciam/skip-update/headers.yaml:",
        "GET /api/v2/sdk/pwd/skip-update (skipPasswordUpdate)",
        "ciam/skip-update/headers/control",
        "CIAM-SKIP-H18",
        "curl ",
    ] {
        assert!(shown.out.contains(word), "no `{word}` in\n{}", shown.out);
    }
    let (_, curl) = shown.out.split_once("curl ").unwrap();
    assert!(
        !curl.to_lowercase().contains("x-client-id"),
        "the row leaves the header out:\n{curl}"
    );
}

#[test]
fn the_providers_behind_a_row_are_shown_as_a_tree_with_what_they_give() {
    let id = "ciam/change-by-mobile/documented/control";
    let shown = probity(&["show", id]).expect(0).out;
    let tree: Vec<&str> = shown
        .lines()
        .skip_while(|line| line.trim() != "needs")
        .skip(1)
        .take_while(|line| line.starts_with("    "))
        .collect();
    let place = |line: &str, words: &[&str]| {
        let at = tree.iter().position(|shown| shown.contains(line));
        let at = at.unwrap_or_else(|| panic!("no `{line}` in\n{shown}"));
        let told = format!("{}{}", tree[at], tree.get(at + 1).unwrap_or(&""));
        for word in words {
            assert!(told.contains(word), "no `{word}` at `{line}` in\n{shown}");
        }
        at
    };
    let account = [
        ": steps, once a row, ",
        "tenants/mock.yaml:",
        "gives ",
        "password",
    ];
    let account = place("account from account-", &account);
    let user = place(
        "└─ account from user with {\"password_state\"",
        &["a call tells"],
    );
    let code = [
        "${account.mobile}",
        ": steps, once a row",
        "gives verify_code",
    ];
    let code = place("code from sms-code", &code);
    let captcha = place("└─ captcha from captcha", &["gives captcha_token"]);
    assert!(account < user && code < captcha, "{shown}");
}

#[test]
fn a_secret_of_the_target_is_masked_where_a_row_is_shown() {
    let folder = super::temporary();
    let secret = "s3cret-Value-0f-a-Tenant";
    let target = super::target::write(
        folder.path(),
        "tenant.yaml",
        "name: tenant\nextends: mock.yaml\neditions:\n  ciam:\n    base_url: http://127.0.0.1:9\n    secrets: { client_id: { env: PROBITY_TEST_SECRET } }\n",
    );
    super::target::file(folder.path(), "http://127.0.0.1:9");
    let mut command = program();
    command
        .env("PROBITY_TEST_SECRET", secret)
        .args(["show", "ciam/skip-update/headers/control", "--target"])
        .arg(&target);
    let shown = finish(command).expect(0);
    let whole = format!("{}{}", shown.out, shown.err);
    assert!(!whole.contains(secret), "{whole}");
    assert!(shown.out.to_lowercase().contains("x-client-id"), "{whole}");
}

#[test]
fn a_row_that_is_nearly_one_is_answered_with_the_near_one() {
    let shown = probity(&["show", "ciam/skip-update/headers/client-id-mising"]).expect(3);
    assert!(
        shown
            .err
            .contains("did you mean `ciam/skip-update/headers/client-id-missing`?"),
        "{}",
        shown.err
    );
    assert_eq!(shown.out, "");
}

#[test]
fn the_shipped_files_have_no_mistake() {
    let suite = shipped();
    let linted = probity(&["lint"]).expect(0);
    assert!(
        linted.out.contains(&format!(
            "{} rows, {} requirements: 0 mistakes",
            suite.plan.cases.len(),
            suite
                .contracts
                .iter()
                .map(|contract| contract.requirements.len())
                .sum::<usize>()
        )),
        "{}",
        linted.out
    );
}

#[test]
fn the_shipped_target_that_is_started_beforehand_has_no_mistake_either() {
    probity(&["lint", "--target", "tenants/local-mock.yaml"]).expect(0);
}

#[test]
fn an_expectation_that_proves_little_is_a_mistake_only_of_a_strict_call() {
    let place = crate::diagnostics::project();
    let case = "edition: ciam\noperation: skipPasswordUpdate\n\
                request: { headers: { X-client-id: c1 } }\n\
                control: { covers: CIAM-SKIP-R01, expect: { status: 200 } }\n\
                cases:\n  - id: row\n    covers: CIAM-SKIP-R01\n    \
                expect: { any-of: [{ status: 200 }, { error: any }] }\n";
    std::fs::write(place.path().join("cases/ciam/skip-update/row.yaml"), case).expect("a file");
    let call = |words: &[&str]| {
        let root = place.path().to_string_lossy().into_owned();
        let mut all = words.to_vec();
        all.extend(["--root", &root, "--target", "tenants/tenant.yaml"]);
        probity(&all)
    };
    let loose = call(&["lint"]).expect(0);
    assert!(loose.out.contains("0 mistakes, 1 warning"), "{}", loose.out);
    for words in [&["lint", "--strict"][..], &["run", "--strict"]] {
        let reports = place.path().join("reports");
        let reports = reports.to_string_lossy();
        let mut words = words.to_vec();
        if words[0] == "run" {
            words.extend(["--output-dir", &reports]);
        }
        let strict = call(&words).expect(3);
        assert!(
            strict.err.contains("error[proves-little]"),
            "{}",
            strict.err
        );
    }
}

#[test]
fn a_terminal_obeys_nothing_that_show_and_list_print() {
    let place = tempfile::tempdir().expect("a folder");
    for folder in ["cases", "specs", "tenants"] {
        copy(&root().join(folder), &place.path().join(folder));
    }
    let file = place.path().join("cases/ciam/skip-update/headers.yaml");
    let text = std::fs::read_to_string(&file).expect("a case file");
    let text = text
        .replace(
            "title: Each header,",
            "title: \"Each \\e[31mheader\\a\\u202E,\" #",
        )
        .replace(
            "{ header: X-operating-sys-version,",
            "{ header: X-operating-sys-version, name: \"\\e]0;owned\\a\",",
        );
    std::fs::write(&file, text).expect("written");
    let call = |arguments: &[&str]| {
        let mut command = program();
        command.current_dir(place.path()).args(arguments);
        finish(command).expect(0).out
    };
    let shown = call(&["show", "ciam/skip-update/headers/control"]);
    assert!(
        shown.contains(r"Each \u{1b}[31mheader\u{7}\u{202e},"),
        "{shown}"
    );
    let listed = call(&["list", "ciam/skip-update/headers"]);
    let long = call(&["list", "--long", "ciam/skip-update/headers"]);
    for text in [&listed, &long] {
        assert!(
            text.contains(r"device-header-missing[\u{1b}]0;owned\u{7}"),
            "{text}"
        );
    }
    for text in [shown, listed, long] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}

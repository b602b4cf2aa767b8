//! The page: everything of the run is on it, nothing of the target's is markup, and nothing is loaded.

use std::collections::{BTreeMap, BTreeSet};

use probity::{report::html, result::RunReport};
use regex::Regex;

use super::run;

fn page(report: &RunReport) -> String {
    page_with(report, html::Options::default())
}

fn page_with(report: &RunReport, options: html::Options) -> String {
    let mut out = Vec::new();
    html::write_with(report, options, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("UTF-8")
}

/// What the first group of a pattern takes from a text, everywhere.
fn all(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern
        .captures_iter(text)
        .map(|found| found[1].to_owned())
        .collect()
}

/// The page without its style and script.
fn markup(page: &str) -> String {
    let own = Regex::new(r"(?s)<style>.*?</style>|<script>.*?</script>").expect("a pattern");
    own.replace_all(page, "").into_owned()
}

#[test]
fn every_row_is_there_once_under_its_verdict() {
    let report = run::mixed();
    let page = page(&report);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for kind in all(r#"<details class="row ([a-z]+)""#, &page) {
        *kinds.entry(kind).or_default() += 1;
    }
    let counts = report.counts();
    let expected = [
        ("pass", counts.passed),
        ("fail", counts.failed),
        ("error", counts.errors),
        ("waived", counts.waived),
        ("observed", counts.observed),
        ("skipped", counts.skipped - counts.observed),
    ];
    for (kind, count) in expected {
        assert_eq!(kinds.get(kind).copied().unwrap_or(0), count, "{kind}");
    }
    let totals = all(r"<b>(\d+)</b> rows</a>", &page);
    assert_eq!(totals, [counts.total.to_string()]);
    assert!(page.contains(&format!("<h1>{}", report.conclusion().label())));
}

#[test]
fn every_link_leads_to_a_part_of_the_page_and_no_two_parts_share_a_name() {
    let mut report = run::mixed();
    // A part of a run: requirements name rows that it did not select, and rows requirements.
    report.requirements.truncate(1);
    for report in [run::mixed(), report] {
        let page = markup(&page(&report));
        let ids = all(r#" id="([^"]*)""#, &page);
        let known: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(known.len(), ids.len(), "an id stands twice");
        let links = all(r#"href="([^"]*)""#, &page);
        assert!(links.len() > 10, "{links:?}");
        for link in links {
            let to = link.strip_prefix('#').expect("a link inside the page");
            assert!(known.contains(&to.to_owned()), "{link} leads nowhere");
        }
    }
}

#[test]
fn nothing_of_the_targets_is_markup_and_nothing_is_loaded() {
    let page = markup(&page(&run::mixed()));
    let elements: BTreeSet<String> = all(r"<([a-zA-Z0-9!/]+)", &page).into_iter().collect();
    let own: BTreeSet<&str> =
        "!doctype a article b body br caption code dd details div dl dt form \
         h1 h2 h3 h4 head header html i input label li main mark meta nav output p pre section small \
         span summary table tbody td th thead title tr ul"
            .split_whitespace()
            .collect();
    for element in &elements {
        let name = element.trim_start_matches('/').to_lowercase();
        assert!(own.contains(name.as_str()), "<{element}>");
    }
    let attributes: BTreeSet<String> = all(r"<[^>]*? (on\w+|src|srcset|style|action)=", &page)
        .into_iter()
        .collect();
    assert!(attributes.is_empty(), "{attributes:?}");
    let forbidden = |char: &char| char.is_control() && *char != '\n';
    assert_eq!(page.chars().find(forbidden), None);
}

#[test]
fn its_policy_names_its_own_style_and_script() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    let page = page(&run::mixed());
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let text = all(&format!(r"(?s)<{element}>(.*?)</{element}>"), &page);
        let digest = ring::digest::digest(&ring::digest::SHA256, text[0].as_bytes());
        let named = format!("{directive} 'sha256-{}'", BASE64_STANDARD.encode(digest));
        assert!(page.contains(&named), "{element}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_cell_of_a_matrix_has_a_sign_a_word_and_leads_to_the_row_that_decides_it() {
    let page = page(&run::mixed());
    let cell = |name: &str| {
        let pattern = format!(r#"<td id="cell-{}" (.*?)</td>"#, regex::escape(name));
        let found = all(&pattern, &page);
        assert_eq!(found.len(), 1, "{name}");
        found[0].clone()
    };
    let of = "ciam/skipPasswordUpdate";
    let violated = cell(&format!("{of}/headers/X-client-id/omitted"));
    let row = "ciam/skip-update/headers/header-missing_5b_X-client-id_5d_";
    assert!(
        violated.starts_with(r#"class="violated" data-rows="3">"#),
        "{violated}"
    );
    assert!(
        violated.contains(&format!(r##"href="#row-{row}""##)),
        "{violated}"
    );
    assert!(
        violated.contains(r#"<i aria-hidden="true">✗</i> <span>violated</span>"#),
        "{violated}"
    );
    assert!(violated.contains("<small>1/1<"), "{violated}");
    let several = cell(&format!("{of}/headers/X-L/valid"));
    assert!(several.contains(r#"data-rows="1 7""#), "{several}");
    assert!(
        several.contains("header-blank_5b_X-L_5d_\""),
        "the row that is open: {several}"
    );
    let left_out = cell(&format!("{of}/headers/X-_22_odd_22__3c_b_3e_/omitted"));
    assert_eq!(
        left_out,
        r#"class="left-out"><i aria-hidden="true">…</i> <span>left out</span>"#
    );
    // Codes by operation: what the documents do not make is no cell.
    let line = all(
        r#"<tr><th scope="row">IDAAS.SDK.PARAM.0002</th>(.*?)</tr>"#,
        &page,
    );
    assert_eq!(line[0].matches("<td").count(), 2, "{line:?}");
    assert!(line[0].ends_with("<td></td>"), "{line:?}");
    assert!(page.contains("2 of 5 dealt with, 1 not testable"), "{page}");
    assert!(
        page.contains("a cell that is left out is no hole"),
        "{page}"
    );
}

#[test]
fn a_run_without_matrices_says_nothing_of_them() {
    let report = RunReport {
        matrices: Vec::new(),
        ..run::mixed()
    };
    assert!(!markup(&page(&report)).contains("matri"));
}

#[test]
fn evidence_of_rows_that_passed_is_shown_where_it_is_asked_for() {
    let mut report = run::mixed();
    report.cases[0].steps = vec![run::step("request")];
    let all = html::Options {
        evidence: html::Evidence::All,
        ..html::Options::default()
    };
    let steps = |page: &str| page.matches("<section class=\"step\">").count();
    let (few, many) = (page(&report), page_with(&report, all));
    assert_eq!(steps(&many), steps(&few) + 1);
    assert!(few.contains("The exchanges of rows that passed are in"));
    assert!(many.contains("The exchanges of all rows are also in"));
}

#[test]
fn in_chinese_the_pages_own_words_are_others_and_what_the_run_says_is_the_same() {
    let report = run::mixed();
    let chinese = html::Options {
        language: html::Language::Chinese,
        ..html::Options::default()
    };
    let (english, chinese) = (page(&report), page_with(&report, chinese));
    assert!(english.contains("<html lang=\"en\">"));
    assert!(chinese.contains("<html lang=\"zh-CN\">"));
    assert!(
        chinese.contains("不符合契约（仅执行了部分用例）"),
        "{chinese}"
    );
    for same in [
        r#" id="([^"]*)""#,
        r#"href="([^"]*)""#,
        r"<code>([^<]*)</code>",
        r"<pre[^>]*>(\w+ http[^\n]*)",
    ] {
        let (one, other) = (all(same, &markup(&english)), all(same, &markup(&chinese)));
        assert!(one.len() > 3, "{same}");
        assert_eq!(one, other, "{same}");
    }
    for heading in all(r"<h2[^>]*>([^<]*)</h2>", &chinese) {
        assert!(
            !heading.contains(|char: char| char.is_ascii_alphabetic()),
            "{heading}"
        );
    }
}

#[test]
fn a_run_that_was_not_started_says_why_and_has_no_row() {
    let why = "no row matches <all>; `probity list` prints them".to_owned();
    let report = RunReport::without_cases(0, probity::result::Ending::NotStarted(why));
    let page = page(&report);
    assert!(page.contains("<h1>not started</h1>"), "{page}");
    assert!(page.contains("no row matches &lt;all&gt;"), "{page}");
    assert!(!page.contains("class=\"row"), "{page}");
}

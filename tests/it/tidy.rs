//! Rules about the source: who may import whom, what every file says first, generated files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

use probity::{case, contract, prove, target, yaml};

use crate::support::root;

/// Reading order is dependency order: a module may import only what its row lists.
/// `cli` and `main` may import anything.
const IMPORTS: [(&str, &str); 23] = [
    ("ids", ""),
    ("diag", ""),
    ("clock", ""),
    ("secret", ""),
    ("exchange", ""),
    ("yaml", "diag"),
    ("result", "ids"),
    ("transcript", "exchange ids result"),
    ("contract", "diag ids result yaml"),
    ("template", "clock diag yaml"),
    ("check", "contract diag exchange result template yaml"),
    ("case", "check diag ids yaml"),
    ("plan", "case check contract diag ids template yaml"),
    (
        "target",
        "case contract diag ids plan result secret template yaml",
    ),
    (
        "judge",
        "check contract diag exchange ids plan result template transcript",
    ),
    ("suite", "case contract diag ids judge plan target template"),
    (
        "engine",
        "check clock contract diag exchange ids judge plan result secret target template transcript",
    ),
    ("report", "ids result"),
    ("mock", "clock ids"),
    ("embedded", "ids mock target"),
    (
        "session",
        "clock embedded engine exchange judge mock plan result secret suite target transcript",
    ),
    ("mutant", "contract exchange ids mock transcript"),
    (
        "prove",
        "clock contract diag embedded engine exchange ids judge mock mutant plan result secret session target transcript yaml",
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{error}")).path();
        if path.is_dir() {
            out.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The module of a source file: the first part of its path under `src`.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap_or(path);
    let first = inside
        .components()
        .next()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// The modules that a text names after `crate::`, in `use` lines with braces and in paths.
fn imported(text: &str) -> Vec<String> {
    // Unit tests may use anything: they are not part of the product.
    if text.contains("\n#![cfg(test)]\n") {
        return Vec::new();
    }
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let product: String = product
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut out = Vec::new();
    for (at, _) in product.match_indices("crate::") {
        let preceded = product[..at].chars().next_back();
        if preceded.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &product[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            out.extend(group_heads(group));
        } else {
            out.push(head(rest));
        }
    }
    out.retain(|name| !name.is_empty());
    out
}

/// The first names of a brace group, nested groups skipped.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut out) = (0usize, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && c.is_alphabetic() => {
                out.push(head(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    out
}

fn head(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// Every import that the table does not allow, as a sentence.
fn forbidden(module: &str, text: &str) -> Vec<String> {
    let table: BTreeMap<_, _> = IMPORTS.into_iter().collect();
    let Some(allowed) = table.get(module) else {
        return Vec::new();
    };
    imported(text)
        .into_iter()
        .filter(|name| name != module && !allowed.split(' ').any(|known| known == name))
        .map(|name| format!("`{module}` may not import `{name}`"))
        .collect()
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut found = Vec::new();
    for path in sources(&root().join("src")) {
        let name = module(&path);
        if !matches!(name.as_str(), "cli" | "main" | "lib") {
            assert!(
                IMPORTS.iter().any(|(known, _)| *known == name),
                "`{name}` has no row in the import table"
            );
        }
        for sentence in forbidden(&name, &read(&path)) {
            found.push(format!("{}: {sentence}", path.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_forbidden_import_is_seen_in_every_spelling() {
    assert_eq!(
        forbidden("mock", "use crate::report::junit;"),
        ["`mock` may not import `report`"]
    );
    assert_eq!(
        forbidden(
            "mock",
            "use crate::{\n    clock,\n    engine::{self, Engine},\n    ids::Edition,\n};"
        ),
        ["`mock` may not import `engine`"]
    );
    assert_eq!(
        forbidden("check", "fn f() { crate::engine::go() }"),
        ["`check` may not import `engine`"]
    );
    assert!(forbidden("mock", "use crate::clock;").is_empty());
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let mut folders = sources(&root().join("src"));
    folders.extend(sources(&root().join("tests")));
    for path in folders {
        let text = read(&path);
        assert!(
            text.starts_with("//! "),
            "{} has no `//!` line",
            path.display()
        );
    }
}

#[test]
fn only_the_clock_reads_time_and_only_the_command_line_prints() {
    let rules = [
        ("SystemTime", "clock"),
        ("Instant::now", "clock"),
        ("println!", "cli"),
        ("stdout()", "cli"),
        ("process::exit", "cli"),
    ];
    for path in sources(&root().join("src")) {
        let text = read(&path);
        for (word, home) in rules {
            assert!(
                module(&path) == home || !text.contains(word),
                "{} uses `{word}`, which belongs to `{home}`",
                path.display()
            );
        }
    }
}

/// Names of an earlier dialect, as types, modules and variables. What they mean has one plain name now,
/// which the architecture page and the glossary use.
const OLD_NAMES: [&str; 38] = [
    "Aim",
    "Anchor",
    "Blind",
    "CaughtByTrouble",
    "Departed",
    "Departure",
    "Ear",
    "Fairness",
    "Flow",
    "Forge",
    "Gate",
    "Ground",
    "Known",
    "Ledger",
    "Machinery",
    "Meant",
    "Met",
    "Needle",
    "Purse",
    "Stakes",
    "Way",
    "agree",
    "aim",
    "anchors",
    "carry",
    "converse",
    "departure",
    "fairness",
    "forge",
    "ledger",
    "machinery",
    "mend",
    "overheard",
    "owed",
    "purse",
    "stakes",
    "twin",
    "twins",
];

/// The identifiers of a source text: what stands in comments and in texts is prose.
fn identifiers(text: &str) -> BTreeSet<String> {
    let comments = Regex::new(r"(?m)^\s*//.*$|\s//\s.*$").expect("an expression");
    let texts = Regex::new(r##"(?s)r#".*?"#|"(?:[^"\\]|\\.)*""##).expect("an expression");
    let names = Regex::new(r"[A-Za-z_][A-Za-z0-9_]*").expect("an expression");
    let text = comments.replace_all(text, "");
    let text = texts.replace_all(&text, "");
    let found = names.find_iter(&text);
    found.map(|name| name.as_str().to_owned()).collect()
}

#[test]
fn no_identifier_has_a_name_of_the_earlier_dialect() {
    for path in sources(&root().join("src")) {
        let found = identifiers(&read(&path));
        for name in OLD_NAMES {
            assert!(
                !found.contains(name),
                "{} has a `{name}`, which has another name now",
                path.display()
            );
        }
    }
    let shown = identifiers("// a twin\nlet x = \"purse\"; // Met\nlet stakes = r#\"aim\"#;");
    assert_eq!(shown, ["let", "stakes", "x"].map(str::to_owned).into());
}

#[test]
fn generated_schemas_are_current() {
    let files = [
        ("cases/case.schema.json", case::schema()),
        (
            "tenants/target.schema.json",
            yaml::json_schema("A Probity target file", &target::SHAPE),
        ),
        (
            "tenants/waivers.schema.json",
            yaml::json_schema("Accepted faults of a target", &target::WAIVERS_SHAPE),
        ),
        (
            "specs/errors.schema.json",
            yaml::json_schema("A table of error codes", &contract::ERRORS_SHAPE),
        ),
        (
            "specs/requirements.schema.json",
            yaml::json_schema("A register of requirements", &contract::REQUIREMENTS_SHAPE),
        ),
        (
            "specs/survivors.schema.json",
            yaml::json_schema("Accepted survivors of a proof", &prove::SURVIVORS_SHAPE),
        ),
    ];
    for (name, schema) in files {
        let path = root().join(name);
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("PROBITY_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(
            fs::read_to_string(&path).is_ok_and(|present| present == text),
            "{name} is not current; run the tests with PROBITY_UPDATE=1"
        );
    }
}

#[test]
fn the_registers_hold_all_requirements_of_the_five_operations() {
    let suite = crate::support::shipped();
    let count = |prefix: &str| {
        let all = suite
            .contracts
            .iter()
            .flat_map(|contract| &contract.requirements);
        all.filter(|requirement| requirement.id.starts_with(prefix))
            .count()
    };
    let counts = [
        "EIAM-FUM-",
        "OA-FUP-",
        "EIAM-SKIP-",
        "CIAM-CPM-",
        "CIAM-SKIP-",
    ]
    .map(count);
    assert_eq!(counts, [95, 85, 79, 115, 88]);
}

#[test]
fn no_documented_requirement_is_without_a_case_or_a_reason() {
    let suite = crate::support::shipped();
    let holes: Vec<_> = suite
        .diagnostics
        .iter()
        .filter(|mistake| mistake.code == "uncovered-requirement")
        .map(|mistake| &mistake.message)
        .collect();
    assert!(holes.is_empty(), "{holes:?}");
}

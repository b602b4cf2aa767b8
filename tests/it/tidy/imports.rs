//! Who may import whom: modules by a table, files by having no circle, and paths by one way up.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::source::{Names, Product, files, module, read};
use crate::support::root;

/// Reading order is dependency order: a module may import only what its row lists.
/// `cli` and `main` may import anything.
const IMPORTS: [(&str, &str); 30] = [
    ("ids", ""),
    ("diag", ""),
    ("clock", ""),
    ("secret", ""),
    ("visible", ""),
    ("exchange", ""),
    ("yaml", "diag"),
    ("result", "exchange ids"),
    ("transcript", "exchange ids result"),
    ("contract", "diag ids result yaml"),
    ("scaffold", "contract diag ids yaml"),
    ("jsonpath", "contract diag yaml"),
    ("template", "clock diag yaml"),
    (
        "check",
        "contract diag exchange jsonpath result template yaml",
    ),
    ("case", "check diag ids yaml"),
    (
        "plan",
        "case check contract diag ids jsonpath result template yaml",
    ),
    (
        "target",
        "case contract diag ids plan result secret template yaml",
    ),
    (
        "judge",
        "check contract diag exchange ids plan result template transcript",
    ),
    (
        "suite",
        "case contract diag ids judge plan result target template yaml",
    ),
    (
        "rejudge",
        "check contract exchange ids judge plan result secret suite transcript",
    ),
    (
        "engine",
        "check clock contract diag exchange ids judge plan result secret target template transcript",
    ),
    ("compare", "ids result"),
    ("report", "ids result visible"),
    ("mock", "clock diag ids yaml"),
    ("embedded", "ids mock target"),
    (
        "session",
        "clock contract embedded engine exchange ids judge plan result secret suite target transcript",
    ),
    ("merge", "ids judge plan result suite"),
    ("mutant", "contract diag exchange ids mock transcript yaml"),
    (
        "prove",
        "clock compare contract diag embedded engine exchange ids judge mock mutant plan result session target transcript yaml",
    ),
    (
        "conformance",
        "diag engine ids plan report result session suite target",
    ),
];

/// Every import that the table does not allow, as a sentence.
fn forbidden(product: &Product) -> Vec<String> {
    let table: BTreeMap<_, _> = IMPORTS.into_iter().collect();
    let mut out = Vec::new();
    for (place, file) in &product.0 {
        let own = &place[0];
        let Some(allowed) = table.get(own.as_str()) else {
            continue;
        };
        let paths = file.names.iter().chain(file.exports.values());
        let named: BTreeSet<&String> = paths.filter_map(|path| path.first()).collect();
        for name in named {
            if name != own && !allowed.split(' ').any(|known| known == name) {
                let file = file.path.display();
                out.push(format!("{file}: `{own}` may not import `{name}`"));
            }
        }
    }
    out
}

/// A product of these files, for the tests of the rules.
fn product(files: &[(&str, &str)]) -> Product {
    let owned = |(path, text): &(&str, &str)| (PathBuf::from(path), (*text).to_owned());
    Product::of(files.iter().map(owned))
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let found = forbidden(Product::read());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_forbidden_import_is_seen_in_every_spelling() {
    let one = |text: &str| {
        let found = forbidden(&product(&[("mock/mod.rs", text)]));
        found.join("\n")
    };
    let report = "mock/mod.rs: `mock` may not import `report`";
    assert_eq!(one("use crate::report::junit;"), report);
    assert_eq!(one("pub use crate::report::junit as other;"), report);
    assert_eq!(one("use super::report;"), report);
    assert_eq!(one("fn f() { crate::report::go() }"), report);
    assert_eq!(
        one("use crate::{\n    clock,\n    report::{self, Report},\n    ids::Edition,\n};"),
        report
    );
    // What stands before the unit tests of a file is the product, and what stands in them is not.
    assert_eq!(one("#[cfg(test)]\nmod sample;\nuse crate::report;"), report);
    assert_eq!(
        one("#[cfg(test)]\nmod tests {\n    use crate::report;\n}"),
        ""
    );
    assert_eq!(
        one("use crate::clock; // crate::report\nlet x = \"crate::report\";"),
        ""
    );
}

#[test]
fn the_table_is_in_reading_order_and_so_is_the_library() {
    let mut above = BTreeSet::new();
    for (name, imports) in IMPORTS {
        let listed: Vec<&str> = imports.split_whitespace().collect();
        assert!(listed.is_sorted(), "the row of `{name}` is in no order");
        for import in listed {
            assert!(
                above.contains(import),
                "`{name}` imports `{import}`, which stands below it"
            );
        }
        above.insert(name);
    }
    let library = read(&root().join("src/lib.rs"));
    let declared = library.lines().filter_map(|line| {
        let (_, name) = line.split_once("mod ").filter(|_| line.ends_with(';'))?;
        name.strip_suffix(';')
    });
    let table = IMPORTS.map(|(name, _)| name);
    let declared: Vec<&str> = declared.collect();
    assert_eq!(declared, [&table[..], &["cli"]].concat());
    for path in files(&root().join("src")) {
        let name = module(&path);
        let known = declared.contains(&name.as_str()) || matches!(name.as_str(), "main" | "lib");
        assert!(known, "`{name}` has no row in the import table");
    }
}

/// The imports among files that count for circles. Those of a file from its own children do not: a
/// folder's `mod.rs` is where its children are put together, so it calls them, and they may use the
/// types that it gives them. An item that a `mod.rs` only gives on counts for the file that holds it.
fn graph(product: &Product) -> BTreeMap<&Names, BTreeSet<&Names>> {
    let edges = product.0.iter().map(|(place, file)| {
        let homes = file.names.iter().filter_map(|path| product.home(path));
        let others = homes.filter(|home| !home.starts_with(place));
        (place, others.collect())
    });
    edges.collect()
}

/// Files that import each other, over as many others as may be, one circle a line.
fn circles(product: &Product) -> Vec<String> {
    let graph = graph(product);
    let reached = |from: &Names| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(at) = next.pop() {
            for to in graph.get(at).into_iter().flatten() {
                if seen.insert(*to) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&Names, BTreeSet<&Names>> =
        graph.keys().map(|place| (*place, reached(place))).collect();
    let circles = reached.iter().filter_map(|(place, all)| {
        let back = |other: &&&Names| reached.get(**other).is_some_and(|all| all.contains(place));
        let circle: BTreeSet<String> = all
            .iter()
            .filter(back)
            .map(|place| place.join("/"))
            .collect();
        let listed: Vec<String> = circle.into_iter().collect();
        (!listed.is_empty()).then(|| listed.join(" "))
    });
    let once: BTreeSet<String> = circles.collect();
    once.into_iter().collect()
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let found = circles(Product::read());
    assert!(
        found.is_empty(),
        "circles of imports:\n{}",
        found.join("\n")
    );
}

#[test]
fn a_circle_is_seen_through_re_exports_and_in_code() {
    let parent = (
        "a/mod.rs",
        "mod one;\nmod two;\nmod three;\npub use one::One;\npub struct Shared;",
    );
    let two = ("a/two.rs", "pub fn go() -> super::One { One }");
    let three = ("a/three.rs", "use super::{Shared, two::{self}};");
    let with = |one: &'static str| product(&[parent, two, three, ("a/one.rs", one)]);
    assert_eq!(
        circles(&with("fn f() { super::two::go() }")),
        ["a/one a/two"]
    );
    assert_eq!(circles(&with("use super::three;")), ["a/one a/three a/two"]);
    assert_eq!(circles(&with("use super::Shared;")), [""; 0]);
    // A parent that calls its children is no circle, also where they use its types.
    let calls = (
        "a/mod.rs",
        "mod three;\npub struct Shared;\nfn f() { three::go() }",
    );
    assert_eq!(circles(&product(&[calls, three])), [""; 0]);
}

/// Paths that reach further than they have to. One `super::` leads to the folder; what is further away
/// is named from the crate's root. What a folder gives on is taken from the folder.
fn far(product: &Product) -> Vec<String> {
    let mut out = Vec::new();
    for (place, file) in &product.0 {
        let mut wrong = |what: String| out.push(format!("{}: {what}", file.path.display()));
        for path in &file.names {
            let Some((item, folder)) = path.split_last() else {
                continue;
            };
            let Some((_, folder)) = folder.split_last() else {
                continue;
            };
            let given = product
                .0
                .get(folder)
                .and_then(|file| file.exports.get(item));
            if given == Some(path) && !place.starts_with(folder) {
                let (path, folder) = (path.join("::"), folder.join("::"));
                wrong(format!("`{path}` is given on by `{folder}`"));
            }
        }
    }
    out
}

#[test]
fn no_path_goes_up_twice_or_past_a_folder_that_gives_the_same() {
    let found = far(Product::read());
    assert!(found.is_empty(), "{}", found.join("\n"));
    for path in files(&root().join("src")) {
        let twice = super::source::code(&read(&path)).contains("super::super");
        assert!(!twice, "{} goes up twice", path.display());
    }
    let shown = product(&[
        ("a/mod.rs", "mod one;\npub use one::One;"),
        ("a/one.rs", "pub struct One;"),
        ("b.rs", "use crate::a::one::One;"),
    ]);
    assert_eq!(far(&shown), ["b.rs: `a::one::One` is given on by `a`"]);
}

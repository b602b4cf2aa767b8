//! Load, check, plan: the one path that every front end takes.

mod coverage_gaps;
mod names;
mod one_file;
mod safety_lint;
mod size;
mod unjudged;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    case::{self, CaseFile},
    contract::{self, Contract, Used},
    diag::{Diagnostic, misspelt, nearest},
    ids::{Edition, OperationId, ProviderId},
    plan::{self, Plan, TestCase},
    result::SuiteDigest,
    target::{self, Provider, Settings, Target},
    yaml::{Cache, CacheError, Node, Reader},
};

pub use one_file::{load as load_alone, stands_alone};
pub use size::MAX_CASES;

/// Everything that was read, and every mistake in it.
#[derive(Debug)]
pub struct Suite {
    pub contracts: Vec<Contract>,
    pub files: Vec<CaseFile>,
    pub plan: Plan,
    /// `None` when no target was asked for, or its file could not be read.
    pub target: Option<Target>,
    pub diagnostics: Vec<Diagnostic>,
    /// What the suite was made of, so that two runs can be told to be of the same.
    pub digest: SuiteDigest,
    /// What kept the cache from being used, which changes nothing else.
    pub cache_errors: Vec<CacheError>,
}

impl Suite {
    /// Takes for mistakes what a strict run does not let pass: expectations that prove little.
    pub fn be_strict(&mut self) {
        let strict = self.diagnostics.iter_mut();
        for mistake in strict.filter(|one| one.code == "proves-little") {
            mistake.warning = false;
        }
    }

    /// True when nothing may be sent.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(|mistake| !mistake.warning)
    }
}

/// How a suite is loaded.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the caller says beside the target file.
    pub settings: Settings,
    /// The folder of caches of parsed files; without one every file is parsed.
    pub cache: Option<PathBuf>,
    /// A suite of more test cases is not planned.
    pub max_cases: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            cache: None,
            max_cases: MAX_CASES,
        }
    }
}

/// Reads specs and cases under `root`, and the target file when one is named.
#[must_use]
pub fn load(root: &Path, target: Option<&Path>) -> Suite {
    load_as(root, target, &Options::default())
}

/// As [`load`], with what the caller says beside the target file.
#[must_use]
pub fn load_with(root: &Path, target: Option<&Path>, settings: &Settings) -> Suite {
    let options = Options {
        settings: settings.clone(),
        ..Options::default()
    };
    load_as(root, target, &options)
}

/// As [`load`], as the options say.
#[must_use]
pub fn load_as(root: &Path, target: Option<&Path>, options: &Options) -> Suite {
    let mut found = Vec::new();
    let cache = options.cache.as_ref();
    let mut reader = cache.map_or_else(Reader::default, |folder| {
        Reader::with(Cache::open(folder, root))
    });
    let files = case::load_with(root, &mut reader, &mut found);
    let editions = contract::editions(root, &mut found);
    unknown_editions(&files, &editions, &mut found);
    let contracts: Vec<Contract> = editions
        .iter()
        .filter_map(|edition| {
            let (tested, named) = operations_of(&files, *edition);
            let used = Used::Only {
                tested: &tested,
                named: &named,
                registered: None,
            };
            contract::load_with(root, *edition, used, &mut reader, &mut found)
        })
        .collect();
    let digest = SuiteDigest {
        contract: reader.digest("specs"),
        cases: reader.digest("cases"),
    };
    let parts = Parts {
        files,
        contracts,
        digest,
        cache_errors: reader.finish(),
    };
    parts.suite(options, found, |contracts, found| {
        target.and_then(|path| target::load(path, &editions, contracts, &options.settings, found))
    })
}

/// What was read of a suite.
struct Parts {
    files: Vec<CaseFile>,
    contracts: Vec<Contract>,
    digest: SuiteDigest,
    cache_errors: Vec<CacheError>,
}

impl Parts {
    /// Plans it, and checks it as a whole; its target is read when the rows are known.
    fn suite(
        self,
        options: &Options,
        mut found: Vec<Diagnostic>,
        target: impl FnOnce(&[Contract], &mut Vec<Diagnostic>) -> Option<Target>,
    ) -> Suite {
        let Self {
            mut files,
            contracts,
            digest,
            cache_errors,
        } = self;
        plan::fill_axes(&mut files, &contracts, &mut found);
        if let Some(mistake) = size::too_much(&files, options.max_cases) {
            found.push(mistake);
            return Suite {
                contracts,
                files,
                plan: Plan::default(),
                target: None,
                diagnostics: found,
                digest,
                cache_errors,
            };
        }
        let plan = plan::plan(&files, &contracts, &mut found);
        if plan.cases.is_empty() && found.is_empty() {
            found.push(Diagnostic::without_span(
                "nothing-to-run",
                "there are no cases here",
            ));
        }
        coverage_gaps::find(&contracts, &plan, &mut found);
        unjudged::find(&contracts, &plan, &mut found);
        let target = target(&contracts, &mut found);
        if let Some(target) = &target {
            schemas_of_providers(&contracts, target, &mut found);
            needs(&plan, target, &mut found);
            safety_lint::find(&plan, target, &mut found);
            capabilities(&plan, target, &mut found);
            names::find(&plan, target, &mut found);
        }
        Suite {
            contracts,
            files,
            plan,
            target,
            diagnostics: found,
            digest,
            cache_errors,
        }
    }
}

/// The operations that the case files of an edition are about, and those that they name anywhere.
fn operations_of(files: &[CaseFile], edition: Edition) -> (BTreeSet<String>, BTreeSet<String>) {
    fn collect(node: &Node, out: &mut BTreeSet<String>) {
        out.extend(
            node.get("operation")
                .and_then(Node::text)
                .map(str::to_owned),
        );
        for (_, value) in node.entries() {
            collect(value, out);
        }
        for item in node.items() {
            collect(item, out);
        }
    }
    let (mut tested, mut named) = (BTreeSet::new(), BTreeSet::new());
    for file in files.iter().filter(|file| file.edition == edition) {
        let own = file.node.get("operation").and_then(Node::text);
        tested.extend(own.map(str::to_owned));
        collect(&file.node, &mut named);
    }
    (tested, named)
}

/// What keeps the answers to the steps of providers from being judged.
fn schemas_of_providers(contracts: &[Contract], target: &Target, found: &mut Vec<Diagnostic>) {
    for (edition, settings) in &target.editions {
        let Some(contract) = Contract::of_edition(contracts, edition.as_str()) else {
            continue;
        };
        let steps = settings.providers.values().flat_map(Provider::steps);
        let used: BTreeSet<&OperationId> =
            steps.filter_map(|step| step.operation.as_ref()).collect();
        contract.check_schemas(&used, found);
    }
}

/// Case files of an edition that has no contract.
fn unknown_editions(files: &[CaseFile], editions: &[Edition], found: &mut Vec<Diagnostic>) {
    for file in files
        .iter()
        .filter(|file| !editions.contains(&file.edition))
    {
        if let Some(node) = file.node.get("edition") {
            found.push(
                Diagnostic::new(
                    "unknown-edition",
                    &node.span,
                    format!("there is no contract in `specs/{}/`", file.edition),
                )
                .suggest(
                    file.edition.as_str(),
                    editions.iter().map(|edition| edition.as_str()),
                ),
            );
        }
    }
}

/// A provider's name that is one of the target's but for a slip of the hand is a mistake; any other
/// name is a need that this target does not offer, and its test cases will be skipped with that reason.
fn needs(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    let mut reported: Vec<(String, ProviderId)> = Vec::new();
    for case in &plan.cases {
        let Some(edition) = target.editions.get(&case.edition) else {
            continue;
        };
        for need in case.all_needs() {
            let name = &need.provider;
            if edition.providers.contains_key(name) {
                continue;
            }
            let place = (case.span.file.path.clone(), name.clone());
            if reported.contains(&place) {
                continue;
            }
            reported.push(place);
            let near = misspelt(name, edition.providers.keys().map(ProviderId::as_str));
            let mistake = Diagnostic::new(
                "unknown-provider",
                &need.span,
                format!("target `{}` has no provider `{name}`", target.name),
            );
            found.push(match near {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake.help("rows that need it will be skipped").warning(),
            });
        }
    }
}

/// A capability that only one side knows and that is nearly one of the other's is a typing error. Any
/// other that the target lacks makes its test cases skipped with that reason.
fn capabilities(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    let has = &target.capabilities;
    let rows = || {
        let served = |case: &&Arc<TestCase>| target.editions.contains_key(&case.edition);
        plan.cases.iter().filter(served)
    };
    let required: BTreeSet<&str> = rows()
        .flat_map(|case| case.requires.iter().map(String::as_str))
        .collect();
    for word in &required {
        if has.iter().any(|known| known == word) {
            continue;
        }
        // A word of the target that some test case requires is right, and so this one is wrong.
        let near = nearest(
            word,
            has.iter()
                .map(String::as_str)
                .filter(|known| required.contains(known)),
        );
        let mut first = rows().filter(|case| case.requires.iter().any(|known| known == word));
        let Some(case) = first.next() else { continue };
        let mistake = Diagnostic::new(
            "unknown-capability",
            &case.span,
            format!("target `{}` has no capability `{word}`", target.name),
        );
        found.push(match near {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake
                .help("rows that require it will be skipped")
                .warning(),
        });
    }
    for (at, word) in has.iter().enumerate() {
        let place = target.places.get(&format!("capabilities.{at}"));
        if let (false, Some(near), Some(place)) = (
            required.contains(word.as_str()),
            nearest(word, required.iter().copied()),
            place,
        ) {
            let message = format!("no row requires the capability `{word}`");
            let mistake = Diagnostic::new("unknown-capability", place, message);
            found.push(mistake.help(format!("did you mean `{near}`?")));
        }
    }
}

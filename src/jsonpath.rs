//! JSONPath (RFC 9535) as authors write it: parsed and looked through before anything is sent, and
//! searched for in an answer within a bound, whatever that answer holds.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath as Query;
use thiserror::Error;

use crate::{
    contract::{pointer_part, reason},
    diag::{Diagnostic, Span},
    yaml::{Node, holds_expression},
};

/// The longest path that is read, in bytes.
const LONGEST: usize = 1_000;

/// Brackets and parentheses inside each other. The parser tries a nested filter again and again, twice as
/// often with each level.
const DEEPEST: usize = 8;

/// The most steps that a search may take by estimate: below a second on any machine.
const MOST_STEPS: u64 = 10_000_000;

/// What comparing with a regular expression costs, in steps: it is compiled for each value.
const STEPS_OF_PATTERN: u64 = 2_000;

/// So many places are named where several nodes are found.
const NAMED: usize = 3;

/// A path that was parsed, and what is known of it without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath {
    text: String,
    query: Query,
    weight: Weight,
    segments: Vec<Segment>,
}

/// What makes a search long, counted in the text of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Weight {
    /// `..`: each looks at every value below those that it begins with.
    descents: u32,
    /// Selectors that stand beside each other, multiplied: each gives its own nodes.
    choices: u64,
    /// Parts of conditions.
    conditions: u64,
    /// Searches in a condition that begin at the root: the whole answer, for every value.
    roots: u32,
    has_patterns: bool,
}

/// A part of a path outside of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    Index(String),
    /// A name on any level below.
    Below(String),
    Other,
}

/// Why a text is no path that can be used, and where in it, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct InvalidPath {
    pub at: usize,
    message: String,
}

/// Why there is not exactly one node, or none that can be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotOne {
    #[error("none")]
    None,
    /// The first of them are named.
    #[error("{count}: {places}")]
    Several { count: usize, places: String },
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// An answer that would take too long to search.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not searched: {values} values on {levels} levels are too many for this path")]
pub struct TooLarge {
    values: usize,
    levels: usize,
}

impl JsonPath {
    /// Whether a key of a map is a path and no name: `$`, or what begins with `$.` or `$[`. There are
    /// members called `$ref`.
    #[must_use]
    pub fn is_one(key: &str) -> bool {
        key.strip_prefix('$')
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }

    /// Reads a path.
    ///
    /// # Errors
    /// When it is none by RFC 9535, when it is too long or too deep to be read, and when it finds nothing
    /// in any answer.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        let invalid = |at: usize, message: &str| InvalidPath {
            at,
            message: message.to_owned(),
        };
        if text.len() > LONGEST {
            let message = format!("a JSONPath has at most {LONGEST} bytes");
            return Err(invalid(0, &message));
        }
        let signs = without_texts(text);
        let groups = Groups::of(&signs);
        if let Some(at) = groups.too_deep {
            let message = format!("a JSONPath is nested at most {DEEPEST} levels deep");
            return Err(invalid(at, &message));
        }
        let query = Query::parse(text).map_err(|error| {
            let why = match error.message() {
                "parser error" => "from here on it cannot be read".to_owned(),
                why => why.to_owned(),
            };
            let message = format!("`{text}` is not a JSONPath: {why}");
            invalid(error.position().min(text.len()), &message)
        })?;
        if let Some((at, why)) = finds_nothing(text, &signs, &groups) {
            return Err(invalid(at, &why));
        }
        Ok(Self {
            text: text.to_owned(),
            query,
            weight: Weight::of(&signs, &groups),
            segments: segments(text, &signs),
        })
    }

    /// Reads what an author wrote; a mistake goes to `found`, at its column.
    pub fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = node.text()?;
        if holds_expression(text) {
            let message = "a JSONPath holds no `${…}`, but for `${matrix.…}`";
            let help = "find the node by what is known when the file is written, or compare its \
                        value with `${…}`";
            found.push(Diagnostic::new("bad-jsonpath", &node.span, message).help(help));
            return None;
        }
        Self::parse(text)
            .map_err(|error| {
                let span = inside(&node.span, text, error.at);
                found.push(Diagnostic::new("bad-jsonpath", &span, error.to_string()));
            })
            .ok()
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The JSON Pointer of what every node that it finds is, or is inside: its names and positions up to
    /// the first part that chooses.
    #[must_use]
    pub fn fixed(&self) -> String {
        let mut out = String::new();
        for segment in &self.segments {
            let (Segment::Name(part) | Segment::Index(part)) = segment else {
                break;
            };
            out.push('/');
            out.push_str(&pointer_part(part));
        }
        out
    }

    /// Whether nothing in it chooses, so that a JSON Pointer says the same.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        let fixed = |segment: &Segment| matches!(segment, Segment::Name(_) | Segment::Index(_));
        self.segments.iter().all(fixed)
    }

    /// The first name in it, where it begins with one.
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        match self.segments.first()? {
            Segment::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The last name in it, which may tell that what it finds is a secret.
    #[must_use]
    pub fn last_name(&self) -> &str {
        let mut names = self.segments.iter().rev().filter_map(|one| match one {
            Segment::Name(name) | Segment::Below(name) => Some(name.as_str()),
            Segment::Index(_) | Segment::Other => None,
        });
        names.next().unwrap_or_default()
    }

    /// The nodes that it finds, in the order of RFC 9535.
    ///
    /// # Errors
    /// When the search would take too long.
    pub fn find<'v>(&self, value: &'v Value) -> Result<Vec<&'v Value>, TooLarge> {
        let (values, levels) = extent(value);
        if self.weight.steps(values, levels) > MOST_STEPS {
            return Err(TooLarge { values, levels });
        }
        Ok(self.query.query(value).all())
    }

    /// The one node that it finds, with its JSON Pointer.
    ///
    /// # Errors
    /// When it is not exactly one.
    pub fn one<'v>(&self, value: &'v Value) -> Result<(&'v Value, String), NotOne> {
        let nodes = self.find(value)?;
        match nodes.as_slice() {
            [] => Err(NotOne::None),
            [node] => Ok((node, pointer_of(value, node))),
            several => Err(NotOne::Several {
                count: several.len(),
                places: places(value, several),
            }),
        }
    }
}

impl Weight {
    fn of(signs: &str, groups: &Groups) -> Self {
        let times = |part: &str| signs.matches(part).count();
        let roots = signs.match_indices('$').skip(1);
        let wide = roots.filter(|(at, _)| {
            let rest = &signs[*at..];
            let fixed = FIXED.find(rest).map_or(1, |fixed| fixed.end());
            rest[fixed..].trim_start().starts_with(['.', '['])
        });
        let choices = groups.choices.iter().map(|count| *count as u64);
        Self {
            descents: u32::try_from(times("..")).unwrap_or(u32::MAX),
            choices: choices.fold(1, u64::saturating_mul),
            conditions: (times("&&") + times("||") + 1) as u64,
            roots: u32::try_from(wide.count()).unwrap_or(u32::MAX),
            has_patterns: CALL.is_match(signs),
        }
    }

    /// About how many steps a search in so many values on so many levels takes.
    fn steps(&self, values: usize, levels: usize) -> u64 {
        let (values, levels) = (values as u64, levels as u64);
        let pattern = if self.has_patterns {
            STEPS_OF_PATTERN
        } else {
            1
        };
        [
            levels.saturating_pow(self.descents),
            values.saturating_pow(self.roots),
            self.choices,
            self.conditions,
            pattern,
        ]
        .into_iter()
        .fold(values, u64::saturating_mul)
    }
}

/// A call that compares with a regular expression.
static CALL: LazyLock<Regex> = LazyLock::new(|| made(r"\b(?:match|search)\("));

/// A search for at most one node, from its `$` on; what stands in quotes is replaced.
static FIXED: LazyLock<Regex> =
    LazyLock::new(|| made(r#"^\$(?:\s*\.[\w\P{ASCII}]+|\s*\[\s*(?:-?\d+|'_*'|"_*")\s*\])*"#));

#[expect(clippy::unwrap_used, reason = "the literals are valid expressions")]
fn made(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// The path with every byte of a text in quotes replaced by `_`, so that signs are signs.
fn without_texts(path: &str) -> String {
    let (mut out, mut open, mut escaped) = (String::new(), None, false);
    for sign in path.chars() {
        let inside = match open {
            Some(_) if escaped => {
                escaped = false;
                true
            }
            Some(quote) if sign == quote => {
                open = None;
                false
            }
            Some(_) => {
                escaped = sign == '\\';
                true
            }
            None => {
                open = matches!(sign, '\'' | '"').then_some(sign);
                false
            }
        };
        if inside {
            out.push_str(&"_".repeat(sign.len_utf8()));
        } else {
            out.push(sign);
        }
    }
    out
}

/// What stands in brackets.
#[derive(Default)]
struct Groups {
    /// Where it is nested too deep.
    too_deep: Option<usize>,
    /// The range of each selector, conditions among them.
    selectors: Vec<(usize, usize)>,
    /// How many selectors stand beside each other, for each pair of brackets.
    choices: Vec<usize>,
}

impl Groups {
    fn of(signs: &str) -> Self {
        let mut out = Self::default();
        // The sign, where its current part begins, and how many parts there are.
        let mut open: Vec<(char, usize, usize)> = Vec::new();
        for (at, sign) in signs.char_indices() {
            match sign {
                '[' | '(' => {
                    open.push((sign, at + 1, 1));
                    if open.len() > DEEPEST {
                        out.too_deep = Some(at);
                        return out;
                    }
                }
                ',' => {
                    if let Some(('[', start, count)) = open.last_mut() {
                        out.selectors.push((*start, at));
                        (*start, *count) = (at + 1, *count + 1);
                    }
                }
                ']' | ')' => {
                    if let Some(('[', start, count)) = open.pop() {
                        out.selectors.push((start, at));
                        out.choices.push(count);
                    }
                }
                _ => {}
            }
        }
        out
    }
}

/// Where a path can find nothing, whatever is searched, and why.
fn finds_nothing(path: &str, signs: &str, groups: &Groups) -> Option<(usize, String)> {
    for &(start, end) in &groups.selectors {
        let selector = signs[start..end].trim();
        let at = start + signs[start..end].len() - signs[start..end].trim_start().len();
        if selector.starts_with('?') {
            if !selector.contains(['@', '$']) {
                let why =
                    "this condition looks at nothing of the answer: `@` is the value that is tried";
                return Some((at, why.to_owned()));
            }
        } else if selector.contains(':') && is_empty_slice(selector) {
            let why = format!("the slice `{selector}` has no element, however long the list is");
            return Some((at, why));
        }
    }
    CALL.find_iter(signs)
        .find_map(|call| bad_pattern(path, signs, call.end()))
}

fn is_empty_slice(slice: &str) -> bool {
    let parts: Vec<Option<i64>> = slice
        .split(':')
        .map(|part| part.trim().parse().ok())
        .collect();
    let part = |index: usize| parts.get(index).copied().flatten();
    let step = part(2).unwrap_or(1);
    match (part(0), part(1)) {
        _ if step == 0 => true,
        (_, Some(0)) if step > 0 => true,
        (Some(start), Some(end)) if (start < 0) == (end < 0) => {
            if step > 0 {
                start >= end
            } else {
                start <= end
            }
        }
        _ => false,
    }
}

/// A regular expression that is none, or that the answer would say itself.
fn bad_pattern(path: &str, signs: &str, arguments: usize) -> Option<(usize, String)> {
    let mut depth = 0_usize;
    let mut starts = vec![arguments];
    let mut end = signs.len();
    for (at, sign) in signs[arguments..].char_indices() {
        match sign {
            '[' | '(' => depth += 1,
            ')' if depth == 0 => {
                end = arguments + at;
                break;
            }
            ']' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => starts.push(arguments + at + 1),
            _ => {}
        }
    }
    let start = *starts.get(1)?;
    let argument = path[start..end].trim();
    let at = end - path[start..end].trim_start().len();
    let Some(pattern) = unquoted(argument) else {
        let why = "a regular expression is written out, in quotes: what an answer says is compared \
                   with `==`";
        return Some((at, why.to_owned()));
    };
    let error = Regex::new(&pattern).err()?;
    Some((at, reason(&error)))
}

/// What a text in quotes says.
fn unquoted(text: &str) -> Option<String> {
    let quote = text
        .chars()
        .next()
        .filter(|sign| matches!(sign, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    // The escapes are those of JSON, where a text is in double quotes.
    let json = if quote == '"' {
        inner.to_owned()
    } else {
        let mut json = String::new();
        let mut rest = inner.chars();
        while let Some(sign) = rest.next() {
            match sign {
                '\\' => match rest.next()? {
                    '\'' => json.push('\''),
                    escaped => json.extend(['\\', escaped]),
                },
                '"' => json.push_str("\\\""),
                sign => json.push(sign),
            }
        }
        json
    };
    serde_json::from_str(&format!("\"{json}\"")).ok()
}

/// The parts of a path outside of brackets inside brackets.
fn segments(path: &str, signs: &str) -> Vec<Segment> {
    let (mut starts, mut depth, mut before) = (Vec::new(), 0_usize, ' ');
    for (at, sign) in signs.char_indices() {
        match sign {
            '.' if depth == 0 && before != '.' => starts.push(at),
            '[' if depth == 0 && before != '.' => {
                starts.push(at);
                depth = 1;
            }
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = sign;
    }
    let ends = starts.iter().skip(1).copied().chain([path.len()]);
    let ranges = starts.iter().copied().zip(ends);
    ranges
        .map(|(start, end)| segment(&path[start..end]))
        .collect()
}

fn segment(text: &str) -> Segment {
    let text = text.trim();
    let (below, text) = match text.strip_prefix("..") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('.').unwrap_or(text)),
    };
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let name = match inner.map(str::trim) {
        Some(index) if !below && index.parse::<usize>().is_ok() => {
            return Segment::Index(index.to_owned());
        }
        // Several names stand in quotes beside each other, and what is between them in none.
        Some(quoted) if !without_texts(quoted).contains([',', '?']) => unquoted(quoted),
        Some(_) => None,
        None => Some(text.to_owned()).filter(|name| name != "*"),
    };
    match name {
        Some(name) if below => Segment::Below(name),
        Some(name) => Segment::Name(name),
        None => Segment::Other,
    }
}

/// How many values there are, and on how many levels.
fn extent(value: &Value) -> (usize, usize) {
    let (mut values, mut levels) = (0, 0);
    let mut open = vec![(value, 1)];
    while let Some((value, level)) = open.pop() {
        values += 1;
        levels = levels.max(level);
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, level + 1))),
            Value::Object(members) => open.extend(members.values().map(|one| (one, level + 1))),
            _ => {}
        }
    }
    (values, levels)
}

/// The JSON Pointers of nodes, of many the first.
pub fn places(root: &Value, nodes: &[&Value]) -> String {
    let named = nodes.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|node| match pointer_of(root, node) {
            at if at.is_empty() => "the whole body".to_owned(),
            at => at,
        })
        .collect();
    let more = match nodes.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", named.join(", "))
}

/// Where a node stands: the value itself is looked for, and none that is equal to it.
pub fn pointer_of(root: &Value, node: &Value) -> String {
    let mut at = String::new();
    leads_to(root, node, &mut at);
    at
}

fn leads_to(value: &Value, node: &Value, at: &mut String) -> bool {
    if std::ptr::eq(value, node) {
        return true;
    }
    let length = at.len();
    let mut step = |part: &str, inner: &Value| {
        at.push('/');
        at.push_str(part);
        let found = leads_to(inner, node, at);
        if !found {
            at.truncate(length);
        }
        found
    };
    match value {
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.any(|(index, item)| step(&index.to_string(), item))
        }
        Value::Object(members) => {
            let mut members = members.iter();
            members.any(|(name, member)| step(&pointer_part(name), member))
        }
        _ => false,
    }
}

/// The place of a byte of a text, where the file holds the text letter for letter; else the whole text.
fn inside(span: &Span, text: &str, at: usize) -> Span {
    let source = span.file.text.get(span.range.clone()).unwrap_or_default();
    let Some(start) = source.find(text).map(|start| span.range.start + start) else {
        return span.clone();
    };
    Span {
        range: start + at..start + text.len(),
        ..span.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> JsonPath {
        JsonPath::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn exactly_one_node_is_found_with_its_place_or_it_is_said_how_many_there_are() {
        let body = json!({ "items": [
            { "kind": "x", "id": 1, "a/b": [7] }, { "kind": "y", "id": 2 }, { "kind": "y", "id": 2 },
        ] });
        for (text, expected) in [
            ("$.items[?@.kind=='x'].id", Ok((json!(1), "/items/0/id"))),
            ("$.items[-1].id", Ok((json!(2), "/items/2/id"))),
            ("$..['a/b'][0]", Ok((json!(7), "/items/0/a~1b/0"))),
            ("$", Ok((body.clone(), ""))),
            ("$.items[?@.kind=='z'].id", Err("none")),
            (
                "$.items[?@.kind=='y'].id",
                Err("2: /items/1/id, /items/2/id"),
            ),
            ("$..id", Err("3: /items/0/id, /items/1/id, /items/2/id")),
            (
                "$.items[*]..*",
                Err("8: /items/0/kind, /items/0/id, /items/0/a~1b and 5 more"),
            ),
        ] {
            let found = path(text).one(&body);
            let found = found.map(|(node, at)| (node.clone(), at));
            let found = found.map_err(|error| error.to_string());
            let expected = expected.map(|(node, at)| (node, at.to_owned()));
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_no_answer_can_change_is_known_of_a_path() {
        for (text, fixed, is_fixed, last) in [
            ("$.a.b[0]", "/a/b/0", true, "b"),
            ("$['a/b']['x\\'y']", "/a~1b/x'y", true, "x'y"),
            ("$.items[?@['kind']==']'].id", "/items", false, "id"),
            ("$.tokens[?@.a].value[*]", "/tokens", false, "value"),
            ("$..token", "", false, "token"),
            ("$.a['b','c']", "/a", false, "a"),
            ("$.a[-1]", "/a", false, "a"),
            ("$", "", true, ""),
        ] {
            let path = path(text);
            let known = (path.fixed(), path.is_fixed(), path.last_name());
            assert_eq!(known, (fixed.to_owned(), is_fixed, last), "{text}");
        }
    }

    #[test]
    fn what_is_no_path_or_finds_nothing_in_any_answer_is_told_with_its_place() {
        for (text, at, why) in [
            ("$.items[?@.kind==]", 15, "not a JSONPath"),
            ("$items", 1, "not a JSONPath"),
            ("$.a[01]", 5, "not a JSONPath"),
            ("$.a[5:2]", 4, "the slice `5:2` has no element"),
            ("$.a[ 0, ::0 ]", 8, "the slice `::0` has no element"),
            ("$.a[-1:-2]", 4, "has no element"),
            ("$.a[1:2:-1]", 4, "has no element"),
            ("$.a[?1==2]", 4, "looks at nothing of the answer"),
            ("$.a[?match(@.b, '(')].c", 16, "unclosed group"),
            ("$.a[?search(@.b, @.c)]", 17, "is written out, in quotes"),
        ] {
            let error = JsonPath::parse(text).expect_err(text);
            assert!(error.to_string().contains(why), "{text}: {error}");
            assert_eq!(error.at, at, "{text}: {error}");
        }
        for text in [
            "$.a[2:]",
            "$.a[-3:2]",
            "$.a[::-1]",
            "$.a[?match(@.b,'a,(b)')]",
        ] {
            path(text);
        }
    }

    #[test]
    fn a_path_that_would_be_parsed_for_ever_is_refused() {
        let nested = format!("$.a{}@.b{}", "[?".repeat(300), "]".repeat(300));
        let nested_in = format!("$.a{}@.b{}", "[?@".repeat(9), "]".repeat(9));
        for text in [nested, nested_in, format!("$.{}", "a".repeat(2_000))] {
            assert!(JsonPath::parse(&text).is_err());
        }
        let deepest = format!("$.a{}.b{}", "[?@".repeat(DEEPEST), "]".repeat(DEEPEST));
        path(&deepest);
    }

    #[test]
    fn a_search_that_would_take_too_long_is_not_begun() {
        let chain = |_| {
            let mut value = json!(1);
            for _ in 0..120 {
                value = json!([value]);
            }
            value
        };
        let body = Value::Array((0..2_000).map(chain).collect());
        for text in [
            "$..*",
            "$..*..*",
            "$[?$..*]",
            "$[?count($[*])>1]",
            "$[*,*][*,*][*,*][*,*][*,*][*,*][*,*][*,*]",
            "$[?match(@, 'a')]",
        ] {
            let found = path(text).one(&body);
            assert!(matches!(found, Err(NotOne::TooLarge(_))), "{text}");
        }
        let why = path("$..*").one(&body).expect_err("too large").to_string();
        let expected = "not searched: 242001 values on 122 levels are too many for this path";
        assert_eq!(why, expected);
        // What begins at the root and gives at most one node is looked up at once.
        for text in ["$[?@ == $[0]['x']]", "$[?@.a == 1 && @.b == 2]", "$[5]"] {
            assert!(path(text).find(&body).is_ok(), "{text}");
        }
    }
}

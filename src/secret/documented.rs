//! Texts that the documents state for all to read: names, codes, messages, constants. A secret that is
//! one of them is no secret there.

use std::{collections::BTreeSet, fmt, sync::OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// What the documents state, to be looked for in texts.
#[derive(Default)]
pub struct Documented {
    texts: BTreeSet<String>,
    /// All of them in small letters, a line each.
    small: String,
    /// Their words: nearly every secret begins with none of them.
    words: BTreeSet<String>,
    /// Built when a text is looked at: many runs look at none.
    finds: OnceLock<Option<AhoCorasick>>,
}

impl Documented {
    /// The texts that are stated; of a text with placeholders `{0}`, what stands around them.
    #[must_use]
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts: BTreeSet<String> = texts
            .into_iter()
            .flat_map(|text| text.split(['{', '}']))
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect();
        let lines: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        let words = lines.iter().flat_map(|line| line.split(|c| !is_inner(c)));
        Self {
            words: words.map(str::to_owned).collect(),
            small: lines.join("\n"),
            texts,
            finds: OnceLock::new(),
        }
    }

    /// Whether the documents state this text, alone or within a longer one, in whatever letters.
    #[must_use]
    pub fn states(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let first = text.split(|c| !is_inner(c)).next().unwrap_or_default();
        if !self.words.contains(first) {
            return false;
        }
        let mut found = self.small.match_indices(&text);
        !text.is_empty() && found.any(|(at, _)| is_whole(&self.small, at, at + text.len()))
    }

    /// Where stated texts stand in a text.
    pub(super) fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let finds = self.finds.get_or_init(|| {
            let finds = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::NoncontiguousNFA))
                .build(&self.texts);
            finds.ok().filter(|_| !self.texts.is_empty())
        });
        let found = finds
            .iter()
            .flat_map(|finds| finds.find_overlapping_iter(text));
        found
            .map(|found| (found.start(), found.end()))
            .filter(|(start, end)| is_whole(text, *start, *end))
            .collect()
    }
}

impl fmt::Debug for Documented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Documented")
            .field("texts", &self.texts.len())
            .finish_non_exhaustive()
    }
}

/// Whether a part of a text is no part of a longer word.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let (Some(before), Some(part), Some(after)) =
        (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return false;
    };
    !(before.ends_with(is_inner) && part.starts_with(is_inner)
        || part.ends_with(is_inner) && after.starts_with(is_inner))
}

fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_text_is_found_whole_and_around_its_placeholders() {
        let documented = Documented::new(["APP.0001", "Wrong value {0} of the field", ""]);
        assert_eq!(documented.places("is APP.0001."), [(3, 11)]);
        assert_eq!(documented.places("XAPP.0001 APP.00012"), []);
        assert_eq!(documented.places("Wrong value x"), [(0, 11)]);
        assert!(
            documented.states("APP.0001")
                && documented.states("app.0001")
                && documented.states("value")
        );
        assert!(
            !documented.states("alue") && !documented.states("APP.0002") && !documented.states("")
        );
        assert!(Documented::default().places("anything").is_empty());
    }
}

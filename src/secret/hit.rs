//! Where a text tells a secret, and how a mask is put there.

use std::sync::Arc;

use super::{
    mask::{FRONT, LENGTH, Mask},
    token,
};

/// A part of a text that tells a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub start: usize,
    pub end: usize,
    pub mask: Mask,
    /// What is shown in its place where that may be more than the mask: the kind of a token.
    pub stands: Option<Arc<str>>,
}

impl Hit {
    /// A place where this secret stands whole.
    pub(super) fn of(secret: &str, (start, end): (usize, usize)) -> Self {
        Self {
            start,
            end,
            mask: Mask::of(secret),
            stands: token::kind(secret),
        }
    }

    /// The hit in a text that has so much in front.
    pub(super) fn moved(self, by: usize) -> Self {
        Self {
            start: self.start + by,
            end: self.end + by,
            ..self
        }
    }
}

/// The hits in the text's order; of those that overlap one, under the mask of the longest. What
/// stands inside a mask is none: its letters and digits may look like a short secret.
pub(super) fn merge(text: &str, mut hits: Vec<Hit>) -> Vec<Hit> {
    if hits.is_empty() {
        return hits;
    }
    let masks: Vec<(usize, usize)> = masks(text).collect();
    let masked = |hit: &Hit| {
        let around = |(start, end): &(usize, usize)| *start <= hit.start && hit.end <= *end;
        masks.iter().any(around)
    };
    hits.retain(|hit| hit.start < hit.end && !masked(hit));
    hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
    let mut out: Vec<(Hit, usize)> = Vec::new();
    for hit in hits {
        let length = hit.end - hit.start;
        match out.last_mut() {
            Some((last, longest)) if hit.start < last.end => {
                last.end = last.end.max(hit.end);
                if length > *longest {
                    (last.mask, last.stands, *longest) = (hit.mask, hit.stands, length);
                }
            }
            _ => out.push((hit, length)),
        }
    }
    out.into_iter().map(|(hit, _)| hit).collect()
}

/// The text with a mask in place of every hit; the hits are settled.
pub(super) fn replace(text: &str, hits: &[Hit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut shown = 0;
    for hit in hits {
        let start = text.floor_char_boundary(hit.start).max(shown);
        out.push_str(&text[shown..start]);
        match &hit.stands {
            Some(stands) => out.push_str(stands),
            None => out.push_str(&hit.mask.to_string()),
        }
        shown = text.ceil_char_boundary(hit.end).max(shown);
    }
    out.push_str(&text[shown..]);
    out
}

/// Where masks stand, and what stands in place of tokens.
pub fn masks(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mask = |at: usize| {
        let rest = text[at..].strip_prefix(FRONT)?.as_bytes().get(..7)?;
        let digits = rest[..6].iter().all(u8::is_ascii_hexdigit);
        (digits && rest[6] == b']').then_some((at, at + LENGTH))
    };
    let token = |at: usize| token::stand_in_at(&text[at..]).map(|length| (at, at + length));
    text.match_indices(['[', '('])
        .filter_map(move |(at, _)| mask(at).or_else(|| token(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(start: usize, end: usize, secret: &str) -> Hit {
        Hit {
            start,
            end,
            mask: Mask::of(secret),
            stands: None,
        }
    }

    #[test]
    fn equal_secrets_have_equal_masks_and_others_do_not() {
        assert_eq!(Mask::of("one-secret"), Mask::of("one-secret"));
        assert_ne!(Mask::of("one-secret"), Mask::of("two-secret"));
        let known = "[secret:ba7816]";
        assert_ne!(Mask::of("abc").to_string(), known, "a plain digest");
        assert_eq!(Mask::of("abc").to_string().len(), LENGTH);
    }

    #[test]
    fn the_longest_hit_is_the_one_of_the_most_letters_not_the_one_that_ends_last() {
        let hits = merge("0123456789", vec![hit(0, 6, "long"), hit(5, 8, "late")]);
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].start, hits[0].end), (0, 8));
        assert_eq!(hits[0].mask, Mask::of("long"));
    }

    #[test]
    fn of_hits_that_overlap_the_longest_names_the_mask_of_all_they_cover() {
        let hits = merge(
            "0123456789",
            vec![
                hit(4, 8, "b"),
                hit(1, 3, "a"),
                hit(5, 10, "c"),
                hit(4, 6, "d"),
            ],
        );
        assert_eq!(hits, [hit(1, 3, "a"), hit(4, 10, "c")]);
        assert_eq!(
            merge("0123", vec![hit(0, 2, "a"), hit(2, 4, "b")]).len(),
            2,
            "neighbours"
        );
        assert_eq!(merge("0123", vec![hit(2, 2, "a")]), []);
    }

    #[test]
    fn a_mask_is_never_masked_and_what_only_looks_like_one_is() {
        let text = "x [secret:abc123] secret";
        assert_eq!(
            merge(text, vec![hit(3, 9, "secret"), hit(10, 16, "abc123")]),
            []
        );
        assert_eq!(merge(text, vec![hit(18, 24, "secret")]).len(), 1);
        assert_eq!(
            merge(text, vec![hit(0, 24, "all")]).len(),
            1,
            "a mask inside a secret"
        );
        for text in ["[secret:abc12", "[secret:abc12g]", "[secret:abc1234"] {
            assert_eq!(merge(text, vec![hit(1, 7, "secret")]).len(), 1, "{text}");
        }
    }

    #[test]
    fn hits_are_replaced_by_masks_and_no_letter_is_cut_in_two() {
        let mask = Mask::of("a");
        assert_eq!(replace("01234", &[hit(1, 3, "a")]), format!("0{mask}34"));
        assert_eq!(replace("é1é", &[hit(1, 4, "a")]), format!("{mask}"));
        assert_eq!(replace("none", &[]), "none");
    }
}

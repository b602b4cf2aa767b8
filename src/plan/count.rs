//! How much a file gives, counted before any of it is made: a product of lists is short to write.

use crate::{
    case::CaseFile,
    diag::Span,
    yaml::{Kind, Node},
};

/// So many characters of a text count as one value more.
const CHARACTERS: usize = 64;

/// What a case gives, with all its variants. No number is more than `usize::MAX`, which then stands for
/// more than can be counted.
#[derive(Debug, Clone)]
pub struct Size {
    /// Its matrix, or the case.
    pub span: Span,
    /// How many test cases.
    pub cases: usize,
    /// How many values these hold, at least nearly; long texts count as several.
    pub values: usize,
}

/// What each case of a file gives, the control first.
#[must_use]
pub fn sizes(file: &CaseFile) -> Vec<Size> {
    let cases = file.node.get("cases").map(Node::items).unwrap_or_default();
    let control = file.node.get("control");
    control.into_iter().chain(cases).map(size).collect()
}

fn size(case: &Node) -> Size {
    let matrix = case.get("matrix");
    let (cases, values) = match matrix.map(|matrix| &matrix.kind) {
        Some(Kind::List(rows)) => {
            let columns = rows.iter().flat_map(Node::entries);
            (
                rows.len(),
                of_variant(case, columns.map(|(_, value)| value)),
            )
        }
        Some(Kind::Map(axes)) => {
            let lengths = axes.iter().map(|(_, axis)| axis.items().len());
            let columns = axes.iter().flat_map(|(_, axis)| axis.items());
            (
                lengths.fold(1, usize::saturating_mul),
                of_variant(case, columns),
            )
        }
        _ => (1, values(case)),
    };
    Size {
        span: matrix.unwrap_or(case).span.clone(),
        cases,
        values: cases.saturating_mul(values),
    }
}

/// The most values of one variant: those of the case, and in place of each name of the matrix the
/// largest value that one of its columns has.
fn of_variant<'n>(case: &Node, columns: impl Iterator<Item = &'n Node>) -> usize {
    let largest = columns.map(values).max().unwrap_or(0);
    let parts = case.entries().iter();
    let parts = parts.filter(|(key, _)| key.text() != Some("matrix"));
    parts.fold(0, |all: usize, (_, part)| {
        let put_in = names(part).saturating_mul(largest);
        all.saturating_add(values(part)).saturating_add(put_in)
    })
}

/// How many values a value holds, itself among them.
fn values(node: &Node) -> usize {
    let own = 1 + node.text().map_or(0, |text| text.len() / CHARACTERS);
    let items: usize = node.items().iter().map(values).sum();
    let entries = node.entries().iter();
    let entries: usize = entries
        .map(|(key, value)| values(key) + values(value))
        .sum();
    own + items + entries
}

/// How often the texts of a value name the matrix.
fn names(node: &Node) -> usize {
    let own = node.text().map_or(0, |text| text.matches("matrix").count());
    let items: usize = node.items().iter().map(names).sum();
    let entries = node.entries().iter();
    let entries: usize = entries.map(|(key, value)| names(key) + names(value)).sum();
    own + items + entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    #[track_caller]
    fn counts(case: &str) -> (usize, usize) {
        let node = yaml::parse("a.yaml", case.to_owned()).unwrap();
        let size = size(&node);
        (size.cases, size.values)
    }

    #[test]
    fn a_list_counts_its_rows_and_a_product_its_combinations() {
        assert_eq!(counts("id: a").0, 1);
        assert_eq!(counts("id: a\nmatrix: [{ v: 1 }, { v: 2 }]").0, 2);
        assert_eq!(counts("id: a\nmatrix: { v: [1, 2, 3], w: [x, y] }").0, 6);
        assert_eq!(counts("id: a\nmatrix: { v: [1, 2, 3], w: [] }").0, 0);
        assert_eq!(counts("id: a\nmatrix: 3").0, 1);
    }

    #[test]
    fn a_product_that_no_number_holds_is_counted_all_the_same() {
        let axes: Vec<String> = (0..64).map(|axis| format!("a{axis}: [1, 2, 3]")).collect();
        let text = format!("id: a\nmatrix: {{ {} }}", axes.join(", "));
        assert_eq!(counts(&text), (usize::MAX, usize::MAX));
    }

    #[test]
    fn a_value_that_is_put_in_counts_each_time_and_a_long_text_for_its_length() {
        let list = vec!["1"; 100].join(", ");
        let rows = format!("id: a\nmatrix: [{{ v: [{list}] }}]\nbody: [\"${{matrix.v}}\"");
        let (once, twice) = (
            counts(&format!("{rows}]")).1,
            counts(&format!("{rows}, \"${{matrix.v}}\"]")).1,
        );
        assert_eq!(twice - once, 102);
        let text = "x".repeat(64_000);
        let axes = format!("id: a\nmatrix: {{ v: [{text}], w: [1, 2] }}\nbody: \"${{matrix.v}}\"");
        assert!(counts(&axes).1 > 2_000, "{:?}", counts(&axes));
    }
}

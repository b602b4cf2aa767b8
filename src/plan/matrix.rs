//! Variants of a case and the names they get.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    diag::Diagnostic,
    yaml::{Kind, Node},
};

/// One combination: its name in brackets and its values.
#[derive(Debug, PartialEq)]
pub(super) struct Variant {
    pub name: Option<String>,
    pub values: Value,
}

/// All variants of a case, in the order written; one without a name when there is no matrix. How many
/// there will be was counted before; see [`super::sizes`].
pub(super) fn variants(matrix: Option<&Node>, found: &mut Vec<Diagnostic>) -> Vec<Variant> {
    let Some(matrix) = matrix else {
        return vec![Variant {
            name: None,
            values: Value::Object(Map::new()),
        }];
    };
    let variants = match &matrix.kind {
        Kind::List(rows) => rows.iter().map(variant).collect(),
        Kind::Map(axes) => product(axes),
        _ => Vec::new(),
    };
    if variants.is_empty() && !is_unfilled(matrix) {
        found.push(Diagnostic::new(
            "empty-matrix",
            &matrix.span,
            "this matrix has no rows, so the case would never run",
        ));
    }
    variants
}

/// Whether an axis was for the contract to fill, and could not be. That was told by [`super::fill_axes`].
fn is_unfilled(matrix: &Node) -> bool {
    let mut axes = matrix.entries().iter();
    axes.any(|(_, axis)| axis.get("each").is_some())
}

/// The case to fill for each variant: without its matrix, unless something in that is computed and may be
/// a mistake. Each variant would copy all rows.
pub(super) fn to_fill(case: &Node) -> Cow<'_, Node> {
    let is_matrix = |(key, _): &&(Node, Node)| key.text() == Some("matrix");
    let matrix = case.entries().iter().find(is_matrix);
    if matrix.is_none_or(|(_, rows)| rows.is_computed()) {
        return Cow::Borrowed(case);
    }
    let rest = case.entries().iter().filter(|entry| !is_matrix(entry));
    Cow::Owned(Node {
        kind: Kind::Map(rest.cloned().collect()),
        span: case.span.clone(),
    })
}

fn variant(node: &Node) -> Variant {
    let name = node
        .get("name")
        .or_else(|| node.entries().first().map(|(_, value)| value))
        .map(short);
    Variant {
        name,
        values: node.to_json(),
    }
}

/// Every combination.
fn product(axes: &[(Node, Node)]) -> Vec<Variant> {
    if axes.is_empty() {
        return Vec::new();
    }
    let mut out = vec![(Vec::new(), Map::new())];
    for (axis, values) in axes {
        let key = axis.text().unwrap_or_default();
        let mut next = Vec::new();
        for (names, row) in &out {
            for value in values.items() {
                let mut names: Vec<String> = names.clone();
                let mut row: Map<String, Value> = row.clone();
                names.push(short(value));
                row.insert(key.to_owned(), value.to_json());
                next.push((names, row));
            }
        }
        out = next;
    }
    let variants = out.into_iter().map(|(names, row)| Variant {
        name: Some(names.join(",")),
        values: Value::Object(row),
    });
    variants.collect()
}

/// A value as part of an id: a map's `name`, a list's first element, or the scalar itself.
fn short(node: &Node) -> String {
    match &node.kind {
        Kind::Map(_) => node.get("name").map_or_else(|| "map".to_owned(), short),
        Kind::List(items) => items.first().map_or_else(|| "none".to_owned(), short),
        _ => node.scalar().unwrap_or_else(|| "null".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(text: &str) -> Vec<String> {
        let node = crate::yaml::parse("a.yaml", text.into()).unwrap();
        variants(Some(&node), &mut Vec::new())
            .into_iter()
            .filter_map(|variant| variant.name)
            .collect()
    }

    #[test]
    fn rows_are_named_by_their_name_or_first_value() {
        assert_eq!(
            names("- { header: X-L, v: 1 }\n- { v: 2, name: two }\n"),
            ["X-L", "two"]
        );
    }

    #[test]
    fn a_product_has_every_combination_in_order() {
        assert_eq!(
            names("a: [x, y]\nb: [1, 2]\n"),
            ["x,1", "x,2", "y,1", "y,2"]
        );
    }

    #[test]
    fn a_matrix_without_rows_is_a_mistake() {
        let node = crate::yaml::parse("a.yaml", "[]".into()).unwrap();
        let mut found = Vec::new();
        assert!(variants(Some(&node), &mut found).is_empty());
        assert_eq!(found[0].code, "empty-matrix");
    }
}

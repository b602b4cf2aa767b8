//! Members of an answer, as the schema documents them: type, values, and when they have to be there.

use serde_json::Value;

use super::reference::{followed, resolved};
use crate::{diag::Span, yaml::Node};

/// A documented top-level member of a body.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the schema, and none excludes another"
)]
pub struct Member {
    pub name: String,
    /// JSON types; empty where any is allowed.
    pub types: Vec<String>,
    /// The listed values, also those that only a condition of the schema names.
    pub values: Vec<String>,
    /// True when `values` is the whole list.
    pub listed: bool,
    /// Smallest number.
    pub minimum: Option<i64>,
    /// Empty text is outside the schema.
    pub filled: bool,
    pub required: bool,
    /// It is only sent in answers.
    pub read_only: bool,
    /// Member and value with which this member is required.
    pub required_with: Vec<(String, String)>,
}

/// Deeper than any schema; bounds reference cycles.
const DEPTH: usize = 16;

/// The members of a schema in document order, through every reference and branch.
pub(super) fn members(document: &Value, schema: &Value) -> Vec<Member> {
    let mut out = Vec::new();
    collect(document, schema, &mut out, 0);
    out
}

/// What a schema says of any value but null, through its references, and whether it lets that be one in a
/// form of its own: `if` it is not null, `then` the rest, as `openapi::convert` writes it.
fn target<'d>(document: &'d Value, schema: &'d Value) -> (&'d Value, bool) {
    let schema = resolved(document, schema);
    if schema["if"]["not"]["type"] == "null" && schema["then"].is_object() {
        (resolved(document, &schema["then"]), true)
    } else {
        (schema, false)
    }
}

fn collect(document: &Value, schema: &Value, out: &mut Vec<Member>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    let (schema, _) = target(document, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let (described, may_be_null) = target(document, property);
        let mut found = describe(name, described, may_be_null);
        // In 3.1 it may also stand beside the reference.
        found.read_only |= property["readOnly"] == true;
        add(out, found);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, out, depth + 1);
    }
    for branch in ["oneOf", "anyOf"] {
        for form in schema[branch].as_array().into_iter().flatten() {
            let mut own = Vec::new();
            collect(document, form, &mut own, depth + 1);
            for member in own {
                // What one form requires another may lack.
                add(
                    out,
                    Member {
                        required: false,
                        ..member
                    },
                );
            }
        }
    }
    for name in texts(&schema["required"]) {
        match out.iter_mut().find(|member| member.name == name) {
            Some(member) => member.required = true,
            // It has to be there, whatever it is.
            None => out.push(Member {
                required: true,
                ..describe(&name, &Value::Null, false)
            }),
        }
    }
    condition(schema, out);
}

/// Adds a member that is not there yet.
fn add(out: &mut Vec<Member>, member: Member) {
    if !out.iter().any(|known| known.name == member.name) {
        out.push(member);
    }
}

/// Where the members of a schema are described, by name: the first place of each.
pub(super) fn places(nodes: &Node, schema: &Node, out: &mut Vec<(String, Span)>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    let schema = followed(nodes, schema);
    let properties = schema.get("properties").into_iter();
    for (key, _) in properties.flat_map(Node::entries) {
        let name = key.scalar().unwrap_or_default();
        if !out.iter().any(|(known, _)| *known == name) {
            out.push((name, key.span.clone()));
        }
    }
    for branch in ["allOf", "oneOf", "anyOf"] {
        for part in schema.get(branch).into_iter().flat_map(Node::items) {
            places(nodes, part, out, depth + 1);
        }
    }
}

/// `if status is X then these are required`.
fn condition(schema: &Value, out: &mut [Member]) {
    let demanded = texts(&schema["then"]["required"]);
    for (name, property) in schema["if"]["properties"].as_object().into_iter().flatten() {
        let mut values = texts(&property["enum"]);
        values.extend(property["const"].as_str().map(str::to_owned));
        for value in values {
            for member in out.iter_mut() {
                if member.name == *name && !member.listed && !member.values.contains(&value) {
                    member.values.push(value.clone());
                }
                if demanded.contains(&member.name) {
                    member.required_with.push((name.clone(), value.clone()));
                }
            }
        }
    }
}

/// A member as a schema describes it, which may not speak of null although that is allowed.
fn describe(name: &str, schema: &Value, may_be_null: bool) -> Member {
    let values = texts(&schema["enum"]);
    let mut types = match &schema["type"] {
        Value::String(one) => vec![one.clone()],
        many => texts(many),
    };
    if may_be_null && !types.is_empty() && !types.iter().any(|kind| kind == "null") {
        types.push("null".to_owned());
    }
    Member {
        name: name.to_owned(),
        types,
        listed: !values.is_empty(),
        filled: !values.is_empty()
            || schema["minLength"].as_u64().is_some_and(|least| least > 0)
            || schema.get("pattern").is_some(),
        values,
        minimum: schema["minimum"].as_i64(),
        required: false,
        read_only: schema["readOnly"] == true,
        required_with: Vec::new(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_read_through_references_with_the_condition_that_demands_them() {
        let document = json!({ "components": { "schemas": {
            "Expire": { "type": "integer", "minimum": 1 },
            "Result": {
                "required": ["status"],
                "properties": {
                    "status": { "type": "string", "enum": ["SUCCESS", "DENIED"] },
                    "expire": { "$ref": "#/components/schemas/Expire" },
                    "data": { "type": ["string", "null"] },
                },
                "allOf": [],
                "if": { "properties": { "status": { "const": "SUCCESS" } } },
                "then": { "required": ["expire"] },
            },
        } } });
        let found = members(&document, &json!({ "$ref": "#/components/schemas/Result" }));
        let names: Vec<_> = found.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["status", "expire", "data"]);
        assert!(found[0].required && found[0].listed && found[0].filled);
        assert_eq!(found[1].minimum, Some(1));
        assert_eq!(
            found[1].required_with,
            [("status".to_owned(), "SUCCESS".to_owned())]
        );
        assert!(!found[2].required && !found[2].filled);
        assert_eq!(found[2].types, ["string", "null"]);
    }

    #[test]
    fn a_value_that_only_a_condition_names_does_not_close_the_list() {
        let schema = json!({
            "properties": { "status": { "type": "string" }, "expire": {} },
            "allOf": [{
                "if": { "properties": { "status": { "const": "SUCCESS" } } },
                "then": { "required": ["expire"] },
            }],
        });
        let found = members(&schema, &schema);
        assert_eq!(found[0].values, ["SUCCESS"]);
        assert!(!found[0].listed);
        assert_eq!(found[1].required_with.len(), 1);
    }

    #[test]
    fn what_only_one_of_several_forms_requires_is_required_of_none() {
        let schema = json!({ "allOf": [{ "required": ["id"] }], "oneOf": [
            { "properties": { "claws": { "type": "integer" } }, "required": ["claws"] },
            { "properties": { "bark": { "type": "string" } }, "required": ["bark", "loud"] },
        ] });
        let found = members(&schema, &schema);
        let required: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.required))
            .collect();
        assert_eq!(
            required,
            [
                ("id", true),
                ("claws", false),
                ("bark", false),
                ("loud", false)
            ]
        );
    }

    #[test]
    fn a_cycle_of_references_ends() {
        let document = json!({ "a": { "allOf": [{ "$ref": "#/a" }], "properties": { "x": {} } } });
        assert_eq!(members(&document, &json!({ "$ref": "#/a" })).len(), 1);
    }
}

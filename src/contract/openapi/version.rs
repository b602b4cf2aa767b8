//! Which OpenAPI a document is written in, and what that decides.

use jsonschema::Draft;

use crate::{diag::Diagnostic, yaml::Node};

/// A version of OpenAPI, as far as documents of it are read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// 3.0: a schema language of its own.
    V30,
    /// 3.1: JSON Schema.
    V31,
    /// 3.2: as 3.1, with further fields.
    V32,
}

impl Version {
    /// The version that a document names. What is no OpenAPI 3 goes to `found`.
    pub(super) fn of(document: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        if let Some(swagger) = document.get("swagger") {
            found.push(
                Diagnostic::new(
                    "openapi",
                    &swagger.span,
                    "this is a Swagger 2.0 document, and OpenAPI 3.0, 3.1 and 3.2 are read",
                )
                .help("convert it first, for example with `npx swagger2openapi`"),
            );
            return None;
        }
        let Some(node) = document.get("openapi") else {
            found.push(
                Diagnostic::new(
                    "openapi",
                    &document.span,
                    "the document does not say which OpenAPI it is",
                )
                .help("begin it with `openapi: 3.1.0`"),
            );
            return None;
        };
        // A number without quotes is what many write.
        let text = node.scalar().unwrap_or_default();
        let mut parts = text.split('.');
        match (parts.next(), parts.next()) {
            (Some("3"), Some("0")) => Some(Self::V30),
            (Some("3"), Some("1")) => Some(Self::V31),
            (Some("3"), Some("2")) => Some(Self::V32),
            _ => {
                let what = format!("OpenAPI `{text}` is not read; 3.0, 3.1 and 3.2 are");
                found.push(Diagnostic::new("openapi", &node.span, what));
                None
            }
        }
    }

    /// How the version is called in messages.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::V30 => "OpenAPI 3.0",
            Self::V31 => "OpenAPI 3.1",
            Self::V32 => "OpenAPI 3.2",
        }
    }

    /// Whether a schema is one of JSON Schema.
    pub(super) const fn has_json_schema(self) -> bool {
        !matches!(self, Self::V30)
    }
}

/// The dialects that a document may declare for its schemas, by their addresses.
const DIALECTS: [(&str, Draft); 8] = [
    (
        "https://spec.openapis.org/oas/3.1/dialect/base",
        Draft::Draft202012,
    ),
    (
        "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
        Draft::Draft202012,
    ),
    (
        "https://json-schema.org/draft/2020-12/schema",
        Draft::Draft202012,
    ),
    (
        "https://json-schema.org/draft/2019-09/schema",
        Draft::Draft201909,
    ),
    ("http://json-schema.org/draft-07/schema", Draft::Draft7),
    ("https://json-schema.org/draft-07/schema", Draft::Draft7),
    ("http://json-schema.org/draft-06/schema", Draft::Draft6),
    ("http://json-schema.org/draft-04/schema", Draft::Draft4),
];

/// The dialect of a document's schemas; one that is not known goes to `found`.
pub(super) fn dialect(document: &Node, found: &mut Vec<Diagnostic>) -> Draft {
    let Some(node) = document.get("jsonSchemaDialect") else {
        return Draft::Draft202012;
    };
    let text = node.text().unwrap_or_default();
    let own = text.trim_end_matches('#');
    let known = DIALECTS.iter().find(|(address, _)| *address == own);
    known.map_or_else(
        || {
            found.push(
                Diagnostic::new(
                    "openapi",
                    &node.span,
                    format!("the schema dialect `{text}` is not known"),
                )
                .suggest(text, DIALECTS.iter().map(|(address, _)| *address)),
            );
            Draft::Draft202012
        },
        |(_, draft)| *draft,
    )
}

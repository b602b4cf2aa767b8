//! The objects of OpenAPI 3.0, 3.1 and 3.2, and of the schemas in them: which fields each has, and what a
//! field holds. A table; [`super::slips`] compares a document with it.
//!
//! Source: the "Fixed Fields" tables of the three specifications, and JSON Schema 2020-12.

use super::version::Version;

/// What a value is.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Anything: examples, defaults, constants.
    Any,
    Text,
    Bool,
    Number,
    /// A whole number from 0.
    Count,
    /// A list of texts.
    Texts,
    /// A JSON type, or in 3.1 a list of them.
    Types,
    /// `true` or `false` in 3.0, a number in 3.1.
    Exclusive,
    Object(&'static Object),
    /// An object, or a boolean that stands for one.
    ObjectOrBool(&'static Object),
    List(&'static Form),
    /// Keys of the author's choice.
    Map(&'static Form),
}

/// An object: its fields by name.
pub(super) struct Object {
    /// What the specification calls it, with its article.
    pub name: &'static str,
    pub fields: &'static [Field],
    /// What stands behind keys that are no fields; `None` where such a key is a mistake.
    pub others: Option<Form>,
    /// A `$ref` may stand in its place.
    pub may_be_referenced: bool,
}

/// A field of an object.
pub(super) struct Field {
    pub name: &'static str,
    pub form: Form,
    since: Version,
    until: Version,
}

impl Field {
    /// Whether documents of this version have it.
    pub(super) fn is_of(&self, version: Version) -> bool {
        self.since <= version && version <= self.until
    }
}

impl Object {
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The names of the fields that documents of this version have.
    pub(super) fn names(&self, version: Version) -> impl Iterator<Item = &'static str> {
        let fields = self.fields.iter().filter(move |field| field.is_of(version));
        fields.map(|field| field.name)
    }
}

const fn f(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        since: Version::V30,
        until: Version::V32,
    }
}

const fn old(name: &'static str, form: Form) -> Field {
    Field {
        until: Version::V30,
        ..f(name, form)
    }
}

const fn since31(name: &'static str, form: Form) -> Field {
    Field {
        since: Version::V31,
        ..f(name, form)
    }
}

const fn since32(name: &'static str, form: Form) -> Field {
    Field {
        since: Version::V32,
        ..f(name, form)
    }
}

const fn plain(name: &'static str, fields: &'static [Field]) -> Object {
    Object {
        name,
        fields,
        others: None,
        may_be_referenced: false,
    }
}

const fn referable(name: &'static str, fields: &'static [Field]) -> Object {
    Object {
        may_be_referenced: true,
        ..plain(name, fields)
    }
}

use Form::{
    Any, Bool, Count, Exclusive, List, Map, Number, Object as One, ObjectOrBool, Text, Texts, Types,
};

pub(super) static DOCUMENT: Object = plain(
    "a document",
    &[
        f("openapi", Any),
        since32("$self", Text),
        f("info", One(&INFO)),
        since31("jsonSchemaDialect", Text),
        f("servers", List(&One(&SERVER))),
        f("paths", One(&PATHS)),
        since31("webhooks", Map(&One(&PATH_ITEM))),
        f("components", One(&COMPONENTS)),
        f("security", List(&Map(&Texts))),
        f("tags", List(&One(&TAG))),
        f("externalDocs", One(&EXTERNAL_DOCS)),
    ],
);

static INFO: Object = plain(
    "`info`",
    &[
        f("title", Text),
        since31("summary", Text),
        f("description", Text),
        f("termsOfService", Text),
        f("contact", One(&CONTACT)),
        f("license", One(&LICENSE)),
        f("version", Any),
    ],
);

static CONTACT: Object = plain(
    "a contact",
    &[f("name", Text), f("url", Text), f("email", Text)],
);

static LICENSE: Object = plain(
    "a license",
    &[f("name", Text), since31("identifier", Text), f("url", Text)],
);

static SERVER: Object = plain(
    "a server",
    &[
        f("url", Text),
        f("description", Text),
        since32("name", Text),
        f("variables", Map(&One(&SERVER_VARIABLE))),
    ],
);

static SERVER_VARIABLE: Object = plain(
    "a server variable",
    &[f("enum", Any), f("default", Any), f("description", Text)],
);

static PATHS: Object = Object {
    others: Some(One(&PATH_ITEM)),
    ..plain("the `paths`", &[])
};

pub(super) static PATH_ITEM: Object = referable(
    "a path item",
    &[
        f("summary", Text),
        f("description", Text),
        f("servers", List(&One(&SERVER))),
        f("parameters", List(&One(&PARAMETER))),
        f("get", One(&OPERATION)),
        f("put", One(&OPERATION)),
        f("post", One(&OPERATION)),
        f("delete", One(&OPERATION)),
        f("options", One(&OPERATION)),
        f("head", One(&OPERATION)),
        f("patch", One(&OPERATION)),
        f("trace", One(&OPERATION)),
        since32("query", One(&OPERATION)),
        since32("additionalOperations", Map(&One(&OPERATION))),
    ],
);

pub(super) static OPERATION: Object = plain(
    "an operation",
    &[
        f("tags", Texts),
        f("summary", Text),
        f("description", Text),
        f("externalDocs", One(&EXTERNAL_DOCS)),
        f("operationId", Text),
        f("parameters", List(&One(&PARAMETER))),
        f("requestBody", One(&REQUEST_BODY)),
        f("responses", One(&RESPONSES)),
        f("callbacks", Map(&One(&CALLBACK))),
        f("deprecated", Bool),
        f("security", List(&Map(&Texts))),
        f("servers", List(&One(&SERVER))),
    ],
);

static EXTERNAL_DOCS: Object = plain(
    "an external documentation",
    &[f("description", Text), f("url", Text)],
);

pub(super) static PARAMETER: Object = referable(
    "a parameter",
    &[
        f("name", Text),
        f("in", Text),
        f("description", Text),
        f("required", Bool),
        f("deprecated", Bool),
        f("allowEmptyValue", Bool),
        f("style", Text),
        f("explode", Bool),
        f("allowReserved", Bool),
        f("schema", ObjectOrBool(&SCHEMA)),
        f("example", Any),
        f("examples", Map(&One(&EXAMPLE))),
        f("content", Map(&One(&MEDIA_TYPE))),
    ],
);

static HEADER: Object = referable(
    "a header",
    &[
        f("description", Text),
        f("required", Bool),
        f("deprecated", Bool),
        f("allowEmptyValue", Bool),
        f("style", Text),
        f("explode", Bool),
        f("allowReserved", Bool),
        f("schema", ObjectOrBool(&SCHEMA)),
        f("example", Any),
        f("examples", Map(&One(&EXAMPLE))),
        f("content", Map(&One(&MEDIA_TYPE))),
    ],
);

static REQUEST_BODY: Object = referable(
    "a request body",
    &[
        f("description", Text),
        f("content", Map(&One(&MEDIA_TYPE))),
        f("required", Bool),
    ],
);

static MEDIA_TYPE: Object = Object {
    // A reference to one is of 3.2, and nobody has an object of this kind with a field of that name.
    may_be_referenced: true,
    ..plain(
        "a media type",
        &[
            f("schema", ObjectOrBool(&SCHEMA)),
            since32("itemSchema", ObjectOrBool(&SCHEMA)),
            f("example", Any),
            f("examples", Map(&One(&EXAMPLE))),
            f("encoding", Map(&One(&ENCODING))),
            since32("prefixEncoding", List(&One(&ENCODING))),
            since32("itemEncoding", One(&ENCODING)),
        ],
    )
};

static ENCODING: Object = plain(
    "an encoding",
    &[
        f("contentType", Text),
        f("headers", Map(&One(&HEADER))),
        f("style", Text),
        f("explode", Bool),
        f("allowReserved", Bool),
        since32("encoding", Map(&One(&ENCODING))),
        since32("prefixEncoding", List(&One(&ENCODING))),
        since32("itemEncoding", One(&ENCODING)),
    ],
);

static RESPONSES: Object = Object {
    others: Some(One(&RESPONSE)),
    ..plain("the `responses`", &[])
};

pub(super) static RESPONSE: Object = referable(
    "a response",
    &[
        since32("summary", Text),
        f("description", Text),
        f("headers", Map(&One(&HEADER))),
        f("content", Map(&One(&MEDIA_TYPE))),
        f("links", Map(&One(&LINK))),
    ],
);

static CALLBACK: Object = Object {
    others: Some(One(&PATH_ITEM)),
    ..referable("a callback", &[])
};

static EXAMPLE: Object = referable(
    "an example",
    &[
        f("summary", Text),
        f("description", Text),
        f("value", Any),
        f("externalValue", Text),
        since32("dataValue", Any),
        since32("serializedValue", Text),
    ],
);

static LINK: Object = referable(
    "a link",
    &[
        f("operationRef", Text),
        f("operationId", Text),
        f("parameters", Any),
        f("requestBody", Any),
        f("description", Text),
        f("server", One(&SERVER)),
    ],
);

static TAG: Object = plain(
    "a tag",
    &[
        f("name", Text),
        since32("summary", Text),
        f("description", Text),
        f("externalDocs", One(&EXTERNAL_DOCS)),
        since32("parent", Text),
        since32("kind", Text),
    ],
);

static COMPONENTS: Object = plain(
    "the `components`",
    &[
        f("schemas", Map(&ObjectOrBool(&SCHEMA))),
        f("responses", Map(&One(&RESPONSE))),
        f("parameters", Map(&One(&PARAMETER))),
        f("examples", Map(&One(&EXAMPLE))),
        f("requestBodies", Map(&One(&REQUEST_BODY))),
        f("headers", Map(&One(&HEADER))),
        f("securitySchemes", Map(&One(&SECURITY_SCHEME))),
        f("links", Map(&One(&LINK))),
        f("callbacks", Map(&One(&CALLBACK))),
        since31("pathItems", Map(&One(&PATH_ITEM))),
        since32("mediaTypes", Map(&One(&MEDIA_TYPE))),
    ],
);

static SECURITY_SCHEME: Object = referable(
    "a security scheme",
    &[
        f("type", Text),
        f("description", Text),
        f("name", Text),
        f("in", Text),
        f("scheme", Text),
        f("bearerFormat", Text),
        f("flows", Map(&One(&FLOW))),
        f("openIdConnectUrl", Text),
        since32("oauth2MetadataUrl", Text),
        since32("deprecated", Bool),
    ],
);

static FLOW: Object = plain(
    "an OAuth flow",
    &[
        f("authorizationUrl", Text),
        since32("deviceAuthorizationUrl", Text),
        f("tokenUrl", Text),
        f("refreshUrl", Text),
        f("scopes", Map(&Text)),
    ],
);

static DISCRIMINATOR: Object = plain(
    "a discriminator",
    &[
        f("propertyName", Text),
        f("mapping", Map(&Text)),
        since32("defaultMapping", Text),
    ],
);

static XML: Object = plain(
    "a xml",
    &[
        f("name", Text),
        f("namespace", Text),
        f("prefix", Text),
        f("attribute", Bool),
        f("wrapped", Bool),
        since32("nodeType", Text),
    ],
);

pub(super) static SCHEMA: Object = referable(
    "a schema",
    &[
        f("title", Text),
        f("description", Text),
        f("type", Types),
        f("format", Text),
        f("enum", List(&Any)),
        f("default", Any),
        f("multipleOf", Number),
        f("maximum", Number),
        f("exclusiveMaximum", Exclusive),
        f("minimum", Number),
        f("exclusiveMinimum", Exclusive),
        f("maxLength", Count),
        f("minLength", Count),
        f("pattern", Text),
        f("maxItems", Count),
        f("minItems", Count),
        f("uniqueItems", Bool),
        f("maxProperties", Count),
        f("minProperties", Count),
        f("required", Texts),
        f("not", ObjectOrBool(&SCHEMA)),
        f("allOf", List(&ObjectOrBool(&SCHEMA))),
        f("oneOf", List(&ObjectOrBool(&SCHEMA))),
        f("anyOf", List(&ObjectOrBool(&SCHEMA))),
        f("items", ObjectOrBool(&SCHEMA)),
        f("properties", Map(&ObjectOrBool(&SCHEMA))),
        f("additionalProperties", ObjectOrBool(&SCHEMA)),
        f("discriminator", One(&DISCRIMINATOR)),
        f("readOnly", Bool),
        f("writeOnly", Bool),
        f("xml", One(&XML)),
        f("externalDocs", One(&EXTERNAL_DOCS)),
        f("example", Any),
        f("deprecated", Bool),
        old("nullable", Bool),
        since31("$ref", Text),
        since31("$schema", Text),
        since31("$id", Text),
        since31("$anchor", Text),
        since31("$dynamicRef", Text),
        since31("$dynamicAnchor", Text),
        since31("$vocabulary", Any),
        since31("$comment", Text),
        since31("$defs", Map(&ObjectOrBool(&SCHEMA))),
        since31("definitions", Map(&ObjectOrBool(&SCHEMA))),
        since31("const", Any),
        since31("if", ObjectOrBool(&SCHEMA)),
        since31("then", ObjectOrBool(&SCHEMA)),
        since31("else", ObjectOrBool(&SCHEMA)),
        since31("dependentSchemas", Map(&ObjectOrBool(&SCHEMA))),
        since31("dependentRequired", Map(&Texts)),
        since31("prefixItems", List(&ObjectOrBool(&SCHEMA))),
        since31("contains", ObjectOrBool(&SCHEMA)),
        since31("maxContains", Count),
        since31("minContains", Count),
        since31("patternProperties", Map(&ObjectOrBool(&SCHEMA))),
        since31("propertyNames", ObjectOrBool(&SCHEMA)),
        since31("unevaluatedItems", ObjectOrBool(&SCHEMA)),
        since31("unevaluatedProperties", ObjectOrBool(&SCHEMA)),
        since31("contentEncoding", Text),
        since31("contentMediaType", Text),
        since31("contentSchema", ObjectOrBool(&SCHEMA)),
        since31("examples", List(&Any)),
    ],
);

//! Every key of a case file, with the sentence that is its manual entry.

use serde_json::Value;

use crate::{
    check,
    diag::Diagnostic,
    ids::{Edition, InvalidEdition},
    yaml::{self, Field, Node, Shape},
};

const ONE_OR_MANY_TEXTS: Shape = Shape::OneOrMany(&Shape::Text);
/// The shape of a need, shared by cases and providers.
pub const NEED_SHAPE: Shape = Shape::ShortOrLong(
    &Shape::Text,
    &Shape::Object(&[
        Field::new("provider", Shape::Text, "A provider of the target.").required(),
        Field::new(
            "with",
            Shape::Map(&Shape::Any),
            "What the provider is given.",
        ),
    ]),
);
const NEEDS: Field = Field::new(
    "needs",
    Shape::Map(&NEED_SHAPE),
    "Providers to call, in order; their bindings appear under these names.",
);
const EXPECT: Field = Field::new(
    "expect",
    Shape::Lazy("expectation", check::shape),
    "What must come back.",
);
const COVERS: Field = Field::new(
    "covers",
    ONE_OR_MANY_TEXTS,
    "Requirement ids that this proves.",
);
const TAGS: Field = Field::new("tags", Shape::List(&Shape::Text), "Words for --tag.");
const REQUIRES: Field = Field::new(
    "requires",
    ONE_OR_MANY_TEXTS,
    "Capabilities of the target without which rows are skipped.",
);
const TITLE: Field = Field::new("title", Shape::Text, "What this is about, for people.");
const HEADERS: Field = Field::new(
    "headers",
    Shape::Map(&Shape::Scalar),
    "Header names and values, exactly these.",
);
const QUERY: Field = Field::new(
    "query",
    Shape::Map(&Shape::OneOrMany(&Shape::Scalar)),
    "Query parameters; a list sends its name several times.",
);
const RISK: Field = Field::new(
    "risk",
    Shape::OneOrMany(&Shape::Word(&["destructive", "lockout"])),
    "What it may do to the tenant besides its answer; `lockout` spends wrong passwords or codes.",
);
const EXCLUSIVE: Field = Field::new(
    "exclusive",
    Shape::Bool,
    "No other row of the run is carried out beside it: it changes or reads what all of them share.",
);
const SAFE: Field = Field::new(
    "safe",
    Shape::Bool,
    "Changes nothing although its method may: a search, a login of one's own.",
);
const COSTS: Field = Field::new(
    "costs",
    Shape::ShortOrLong(&Shape::Text, &Shape::Map(&Shape::Integer)),
    "What it uses up: `sms` for one, `{ sms: 2 }` for two; see `budget` of the target.",
);
const REPEAT: Field = Field::new(
    "repeat",
    Shape::Integer,
    "Carried out so many times, 100 at most; each answer is judged by the same expectations.",
);
const UNTIL: Field = Field::new(
    "until",
    Shape::Object(&[
        Field::new(
            "within",
            Shape::Text,
            "How long after the first attempt the last one may begin: `5s`.",
        ),
        Field::new(
            "at-most",
            Shape::Integer,
            "How many attempts are made at most; never more than 1000.",
        ),
        Field::new(
            "pause",
            Shape::Text,
            "The pause between two attempts; from 50 ms up to 1 s when absent.",
        ),
        Field::new(
            "expect",
            Shape::Lazy("expectation", check::shape),
            "What is waited for, where that is not all that the step expects; judged as well.",
        ),
    ]),
    "Sent again, where that does no harm, until it holds and has what it captures; the last attempt is judged.",
);
const STEPS: Shape = Shape::List(&STEP_SHAPE);

/// The keys of a step before or after the request of a case.
const fn case_step_fields() -> [Field; STEP_FIELDS.len() + 1] {
    let needs = Field::new(
        "needs",
        Shape::Map(&NEED_SHAPE),
        "Providers to call right before this step, in order; their bindings appear under these names from here on.",
    );
    let mut out = [needs; STEP_FIELDS.len() + 1];
    let mut at = 0;
    while at < STEP_FIELDS.len() {
        out[at] = STEP_FIELDS[at];
        at += 1;
    }
    out
}

const CASE_STEP_FIELDS: [Field; STEP_FIELDS.len() + 1] = case_step_fields();
const CASE_STEPS: Shape = Shape::List(&Shape::Object(&CASE_STEP_FIELDS));
const PARAMS: Field = Field::new(
    "params",
    Shape::Map(&Shape::Scalar),
    "Values for `{name}` in the operation's path; each is encoded as one part of it.",
);
const ACTOR: Field = Field::new(
    "actor",
    Shape::Text,
    "Whose cookies are sent and kept; each name has a jar of its own during the row.",
);
const FORM: Field = Field::new(
    "form",
    Shape::Map(&Shape::OneOrMany(&Shape::Scalar)),
    "A form body; a list sends its name several times.",
);
const CAPTURES: Field = Field::new(
    "capture",
    Shape::Map(&CAPTURE),
    "Names to bind: a JSON Pointer into the answer, a JSONPath that finds one node of it, or another place.",
);
const RAW_BODY: Field = Field::new("raw-body", Shape::Text, "A body as it stands.");
const LET: Field = Field::new(
    "let",
    Shape::Map(&Shape::Any),
    "Values computed once a row, in order, and bound under these names.",
);
const CAPTURE: Shape = Shape::ShortOrLong(
    &Shape::Text,
    &Shape::Object(&[
        Field::new(
            "body",
            Shape::Text,
            "A JSON Pointer into the answer, or a JSONPath that finds one node of it.",
        ),
        Field::new("header", Shape::Text, "A response header."),
        Field::new("cookie", Shape::Text, "The value of a cookie that is set."),
        Field::new(
            "location",
            Shape::Text,
            "A JSON Pointer into the parts of the redirect, such as `/query/code`.",
        ),
        Field::new(
            "pattern",
            Shape::Text,
            "A regular expression: its first group, or all it matches; alone, in the body's text.",
        ),
    ]),
);

/// The shape of a step, shared by cases and providers.
pub const STEP_SHAPE: Shape = Shape::Object(&STEP_FIELDS);

/// The keys of a step.
pub const STEP_FIELDS: [Field; 22] = [
    Field::new("name", Shape::Text, "What the step is called in reports."),
    Field::new("operation", Shape::Text, "An operationId of the edition."),
    Field::new(
        "request",
        Shape::Text,
        "A method and a path outside the contract: `POST /path`.",
    ),
    Field::new(
        "repeat-request",
        Shape::Bool,
        "Sends the row's own request once more.",
    ),
    Field::new("host", Shape::Text, "A name under the target's `hosts`."),
    PARAMS,
    ACTOR,
    HEADERS,
    QUERY,
    Field::new("body", Shape::Any, "A JSON body."),
    FORM,
    RAW_BODY,
    CAPTURES,
    Field::new(
        "follow",
        Shape::ShortOrLong(&Shape::Scalar, &Shape::Integer),
        "Goes after redirects on the same host: `true` for at most ten, or a number.",
    ),
    COVERS,
    RISK,
    SAFE,
    COSTS,
    Field::new(
        "prepares",
        Shape::Bool,
        "After the request: it only prepares a later step, so that its failure is an error and no finding.",
    ),
    REPEAT,
    UNTIL,
    EXPECT,
];

const REQUEST: Shape = Shape::Object(&[
    HEADERS,
    QUERY,
    Field::new("host", Shape::Text, "A name under the target's `hosts`."),
    PARAMS,
    ACTOR,
    Field::new("body", Shape::Any, "The documented JSON body."),
    FORM,
    RAW_BODY,
    CAPTURES,
    SAFE,
    RISK,
    COSTS,
]);

const PLACES: &[Field] = &[
    Field::new("header", Shape::Text, "One header."),
    Field::new("headers", Shape::List(&Shape::Text), "Several headers."),
    Field::new(
        "member",
        Shape::Text,
        "One member of the body, as a JSON Pointer; of a form, `/name`.",
    ),
    Field::new(
        "members",
        Shape::List(&Shape::Text),
        "Several members of the body.",
    ),
    Field::new(
        "query",
        ONE_OR_MANY_TEXTS,
        "One query parameter, or a list.",
    ),
];

const WITHOUT: Shape = Shape::Object(&[
    PLACES[0],
    PLACES[1],
    PLACES[2],
    PLACES[3],
    PLACES[4],
    Field::new("body", Shape::Bool, "The whole body."),
]);
const SET: Shape = Shape::Object(&[
    Field::new("method", Shape::Text, "Another method."),
    Field::new("path", Shape::Text, "Another path."),
    Field::new("host", Shape::Text, "A name under the target's `hosts`."),
    PARAMS,
    ACTOR,
    HEADERS,
    QUERY,
    Field::new(
        "members",
        Shape::Map(&Shape::Any),
        "Members by JSON Pointer; `/list/-` adds to a list, and `/name` is a field of a form.",
    ),
]);
const DUPLICATE: Shape = Shape::Object(&[
    Field::new("header", Shape::Text, "The header that is sent twice.").required(),
    Field::new(
        "value",
        Shape::Scalar,
        "The second value; the first one when absent.",
    ),
    Field::new(
        "as",
        Shape::Text,
        "The second name in exactly these letters; the first one keeps its own.",
    ),
]);

/// An axis of a matrix that the contract fills.
const EACH: Shape = Shape::Object(&[
    Field::new(
        "each",
        Shape::Word(&[
            "required-header",
            "optional-header",
            "required-query",
            "optional-query",
            "required-member",
            "optional-member",
            "broken-clause",
            "kept-clause",
        ]),
        "A value for each of these that the operation has, or the policy.",
    )
    .required(),
    Field::new(
        "of",
        Shape::Text,
        "The policy of edition.yaml whose clauses are meant.",
    ),
]);

const CASE: &[Field] = &[
    Field::new("id", Shape::Text, "A word with dashes, unique in the file.").required(),
    TITLE,
    TAGS,
    COVERS,
    Field::new(
        "matrix",
        Shape::ShortOrLong(
            &Shape::List(&Shape::Map(&Shape::Any)),
            &Shape::Map(&Shape::ShortOrLong(&Shape::List(&Shape::Any), &EACH)),
        ),
        "Rows as a list of maps, or a product as a map of lists; the contract fills an axis with `each`.",
    ),
    NEEDS,
    LET,
    REQUIRES,
    RISK,
    EXCLUSIVE,
    REPEAT,
    Field::new("setup", CASE_STEPS, "Steps sent before the request."),
    Field::new("without", WITHOUT, "Left out of the request."),
    Field::new("blank", Shape::Object(PLACES), "Sent with the empty text."),
    Field::new("set", SET, "Replaced or added."),
    Field::new("body", Shape::Any, "Another JSON body."),
    FORM,
    Field::new(
        "raw-body",
        Shape::Text,
        "The body as it stands, well formed or not.",
    ),
    Field::new("duplicate", DUPLICATE, "A header sent twice."),
    Field::new(
        "recase",
        ONE_OR_MANY_TEXTS,
        "Header names in exactly these letters.",
    ),
    Field::new(
        "raw",
        Shape::Bool,
        "Header names and path exactly as written.",
    ),
    Field::new(
        "prerequisite",
        ONE_OR_MANY_TEXTS,
        "Rows that must have passed before this one is judged: the same flow without the fault.",
    ),
    CAPTURES,
    EXPECT,
    TODO,
    Field::new(
        "observe",
        Shape::Text,
        "What is recorded because the document is silent.",
    ),
    Field::new(
        "then",
        CASE_STEPS,
        "Steps sent after the request and judged.",
    ),
    Field::new("cleanup", STEPS, "Steps sent at the end whatever happened."),
];

/// What nobody could know when the row was written.
const TODO: Field = Field::new(
    "todo",
    Shape::Text,
    "What has to be filled in before the row can run; it is skipped till then.",
);

const FIELDS: [Field; 13] = [
    Field::new(
        "edition",
        Shape::Text,
        "The edition whose contract is tested: a folder under `specs/`.",
    )
    .required(),
    Field::new("operation", Shape::Text, "The operationId under test.").required(),
    TITLE,
    TAGS,
    Field::new(
        "define",
        Shape::Any,
        "A place for YAML shared; otherwise ignored.",
    ),
    NEEDS,
    LET,
    REQUIRES,
    EXCLUSIVE,
    Field::new(
        "setup",
        CASE_STEPS,
        "Steps that every row sends before its own `setup` and its request; a row's step of the same `name` takes the place of one.",
    ),
    Field::new(
        "request",
        REQUEST,
        "The documented request; the control sends exactly this.",
    )
    .required(),
    Field::new(
        "control",
        Shape::Object(&[
            TITLE,
            COVERS,
            CAPTURES,
            EXPECT,
            TODO,
            Field::new(
                "then",
                CASE_STEPS,
                "Steps sent after the request and judged.",
            ),
            Field::new("cleanup", STEPS, "Steps sent at the end whatever happened."),
        ]),
        "The positive control: the request unchanged.",
    )
    .required(),
    Field::new(
        "cases",
        Shape::List(&Shape::Object(CASE)),
        "Rows that alter the request.",
    ),
];

/// The shape of a case file.
pub const SHAPE: Shape = Shape::Object(&FIELDS);

/// The shape of a case file that stands alone.
pub const ALONE: Shape = Shape::Object(&{
    let mut fields = FIELDS;
    fields[0] = Field::new(
        "schema",
        Shape::Map(&Shape::Any),
        "The JSON Schema of the answers with each status.",
    );
    fields[1] = Field::new(
        "operation",
        Shape::Text,
        "The method and the path under test: `POST /users`.",
    )
    .required();
    fields
});

/// One case file, as written, with a place on every value.
#[derive(Debug)]
pub struct CaseFile {
    /// Path inside the project.
    pub path: String,
    pub edition: Edition,
    /// The front of each test case's id: `ciam/skip-update/headers`.
    pub prefix: String,
    pub node: Node,
}

impl CaseFile {
    /// `None` when the edition is not named or does not agree with the folder.
    pub(super) fn new(path: &str, node: Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let edition_node = node.get("edition")?;
        let edition: Edition = edition_node
            .text()?
            .parse()
            .map_err(|error: InvalidEdition| {
                found.push(Diagnostic::new(
                    "bad-edition",
                    &edition_node.span,
                    error.to_string(),
                ));
            })
            .ok()?;
        let prefix = path
            .trim_start_matches("cases/")
            .trim_end_matches(".yaml")
            .trim_end_matches(".yml")
            .to_owned();
        if prefix.split('/').next() != Some(edition.as_str()) {
            found.push(Diagnostic::new(
                "wrong-folder",
                &edition_node.span,
                format!("a file of edition `{edition}` belongs under `cases/{edition}/`"),
            ));
        }
        Some(Self {
            path: path.to_owned(),
            edition,
            prefix,
            node,
        })
    }
}

/// The JSON Schema of a case file, for editors.
#[must_use]
pub fn schema() -> Value {
    yaml::json_schema("A Probity case file", &SHAPE)
}

//! The target of a drafted project, and what its README says.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    Sketch,
    cases::{PathValues, provider},
    yaml::scalar,
};
use crate::contract::Credential;

/// Where a target is taken to be when nobody says it.
const SOMEWHERE: &str = "http://127.0.0.1:8080";

/// The target file.
pub(super) fn file(sketch: &Sketch, in_paths: &PathValues, url: Option<&str>) -> String {
    let edition = sketch.edition;
    let server = url.map(str::to_owned).or_else(|| sketch.server.clone());
    let base_url = scalar(server.as_deref().unwrap_or(SOMEWHERE));
    let mark = if url.is_none() {
        "                  # FILL IN: where your server is"
    } else {
        ""
    };
    let mut out = format!(
        "# Where the cases are sent, and how a request says who asks. Lines with FILL IN want you.\n\
         name: {edition}-local\n\
         # Nothing destructive is sent; `read-only` sends nothing that may change anything.\n\
         profile: non-destructive\n\
         limits: {{ jobs: 4 }}\n\
         editions:\n  {edition}:\n    base_url: {base_url}{mark}\n"
    );
    let values = values(sketch);
    let things = in_paths.all();
    if values.is_empty() && things.is_empty() {
        return out;
    }
    out.push_str(
        "# FILL IN: set these variables, or write them into a file `.env` beside this one, a line each: NAME=value.\n\
         # Rows that need one that is not set are skipped.\n\
         providers:\n",
    );
    for (provider, names) in values {
        if provider == "login" {
            out.push_str("  # Or log in: `steps` in place of `values`, see \"Providers\" in Probity's tenants/README.md.\n");
        }
        let values = names.iter().map(|name| {
            let full = match provider {
                "api_key" => provider.to_owned(),
                _ => (*name).to_owned(),
            };
            format!("{name}: {{ env: {} }}", variable(sketch, &full))
        });
        let values: Vec<String> = values.collect();
        let _ = writeln!(
            out,
            "  {provider}: {{ values: {{ {} }} }}",
            values.join(", ")
        );
    }
    if !things.is_empty() {
        out.push_str(
            "  # Names and ids of things that are there, and values that nobody may write down.\n",
        );
        for name in things {
            let variable = variable(sketch, name);
            let _ = writeln!(
                out,
                "  {name}: {{ values: {{ value: {{ env: {variable} }} }} }}"
            );
        }
    }
    out
}

/// The providers of credentials, and what each gives.
fn values(sketch: &Sketch) -> BTreeMap<&'static str, &'static [&'static str]> {
    let all = sketch
        .requests
        .iter()
        .flat_map(|request| &request.credentials);
    let values = all.map(|credential| {
        let names: &[&str] = match credential {
            Credential::Bearer => &["token"],
            Credential::Basic => &["user", "password"],
            Credential::Header(_) | Credential::Query(_) | Credential::Cookie(_) => &["value"],
        };
        (provider(credential), names)
    });
    values.collect()
}

/// The variable of the environment that a value is taken from.
fn variable(sketch: &Sketch, name: &str) -> String {
    let full = format!("{}_{name}", sketch.edition)
        .to_ascii_uppercase()
        .replace('-', "_");
    // A variable cannot begin with a digit.
    if full.starts_with(|c: char| c.is_ascii_digit()) {
        format!("API_{full}")
    } else {
        full
    }
}

/// What the project's README says.
pub(super) fn readme(sketch: &Sketch) -> String {
    let edition = sketch.edition;
    format!(
        "# Conformance of {edition}\n\n\
         ```sh\n\
         probity lint                                  # is everything written rightly?\n\
         probity run --target tenants/local.yaml       # does the server keep its document?\n\
         ```\n\n\
         - `specs/{edition}/` has the OpenAPI document, as it came. Corrections go into `openapi.overlay.yaml` beside it.\n\
         - `tenants/local.yaml` says where the server is and who asks. Lines with FILL IN want you.\n\
         - `cases/{edition}/` has a file for each operation, drafted by `probity new`. A row with `todo` is skipped \
         until that is done and the line taken away: `grep -rn todo: cases`.\n\n\
         A run with skipped rows is never conformant: nothing is green that was not judged.\n"
    )
}

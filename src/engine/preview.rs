//! The request of a test case as it would leave, without sending anything.

use serde_json::Value;

use super::{
    curl::{Origins, curl},
    request::{self, RequestError},
    run_context::RunContext,
    secrets::SecretCollector,
};
use crate::{ids::Edition, plan::TestCase, result::Part, template::Bindings};

/// Why a request cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error("the target does not serve `{0}`")]
    NotServed(Edition),
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// The request as a curl line, values that only a provider knows left as they stand.
///
/// # Errors
/// When the target does not serve the edition or host of the test case.
pub(super) fn preview(run: &RunContext, case: &TestCase) -> Result<String, PreviewError> {
    let target = &run.target;
    let settings = target
        .editions
        .get(&case.edition)
        .ok_or(PreviewError::NotServed(case.edition))?;
    let mut bindings = Bindings::new();
    bindings.insert("target".into(), Value::Object(settings.variables.clone()));
    bindings.insert("matrix".into(), case.matrix.clone());
    let mut step = case.request.clone();
    for (name, value) in request::common_headers(&target.headers, case) {
        let own = |(own, _): &(String, Value)| own.eq_ignore_ascii_case(&name);
        if !step.headers.iter().any(own) {
            step.headers.push((name, value));
        }
    }
    request::leave_unbound(&mut step, &bindings);
    let part = Part::Request;
    let request = request::render_request(&step, part, settings, &[], &bindings, &mut |_, _| {})?;
    let mut met = SecretCollector::declared(settings);
    met.request(&request, &step, true);
    let origins = Origins {
        declared: &settings.variables,
        earlier: &[],
        bindings: &bindings,
        needs: &case.all_needs().collect::<Vec<_>>(),
        computed: &[],
        provider: None,
        is_preview: true,
    };
    Ok(curl(&request, &run.redactor(&met), &origins, &target.reach))
}

//! Whether the values in the path of a step lead where the step is written to lead.

use serde_json::Value;

use super::error::StepFault;
use crate::{
    engine::request::is_part,
    plan::Step,
    template::{Bindings, each_text, named_in},
};

/// A value in a path that is not one part of it would lead to something else.
///
/// # Errors
/// The first such value.
pub(super) fn verify(step: &Step, bindings: &Bindings) -> Result<(), StepFault> {
    let in_params = step.params.iter().filter_map(|(_, value)| value.as_str());
    let in_params = in_params.flat_map(|text| texts_in(text, bindings));
    // A parameter is encoded, but these stay what they are.
    let leading = in_params.filter(|text| matches!(text.as_str(), "" | "." | ".."));
    let in_path = texts_in(&step.path, bindings).into_iter();
    let mut wrong = in_path.filter(|text| !is_part(text)).chain(leading);
    match wrong.next() {
        Some(text) => Err(StepFault::NotOnePart(text)),
        None => Ok(()),
    }
}

/// The texts that a text with expressions takes from anywhere but the target file.
fn texts_in(text: &str, bindings: &Bindings) -> Vec<String> {
    named_in(text)
        .into_iter()
        .filter(|name| !name.starts_with("target."))
        .flat_map(|name| texts_of(&name, bindings))
        .collect()
}

/// The texts of what a name such as `created.user_name` is bound to.
fn texts_of(name: &str, bindings: &Bindings) -> Vec<String> {
    let mut path = name.split('.');
    let first = bindings.get(path.next().unwrap_or_default());
    let value = path.fold(first, |value, member| value?.get(member));
    let mut texts = Vec::new();
    each_text(value.unwrap_or(&Value::Null), &mut |text| {
        texts.push(text.to_owned());
    });
    texts
}

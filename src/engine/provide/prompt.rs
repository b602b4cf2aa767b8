//! A question to the person at the terminal, through the owner of the terminal.

use serde_json::{Map, Value};

use crate::{engine::case_context::CaseContext, result::Stop, target::Prompt};

pub(super) async fn prompt(
    context: &mut CaseContext<'_>,
    prompt: &Prompt,
    at: &str,
) -> Result<Map<String, Value>, Stop> {
    let shared = &context.run.provided;
    let Some(asker) = &shared.asker else {
        let why = "it asks a person, and nobody is at a terminal";
        return Err(Stop::NotProvided(format!("{at}: {why}")));
    };
    let question = match context.render(&prompt.ask) {
        Ok(Value::String(question)) => question,
        Ok(other) => other.to_string(),
        Err(why) => return Err(Stop::Setup(format!("{at}: {why}"))),
    };
    let turn = shared.turn.lock().await;
    let answer = tokio::time::timeout(prompt.timeout, asker.ask(&question, prompt.secret)).await;
    drop(turn);
    let answer = match answer {
        Ok(Ok(answer)) if !answer.trim().is_empty() => answer.trim().to_owned(),
        Ok(Ok(_)) => return Err(Stop::Setup(format!("{at}: the answer was empty"))),
        Ok(Err(error)) => return Err(Stop::Setup(format!("{at}: nobody answered: {error}"))),
        Err(_) => {
            let why = format!("nobody answered in {:?}", prompt.timeout);
            return Err(Stop::Setup(format!("{at}: {why}")));
        }
    };
    if prompt.secret {
        context.secrets.declare(&answer);
    }
    Ok(Map::from_iter([(
        prompt.name.clone(),
        Value::String(answer),
    )]))
}

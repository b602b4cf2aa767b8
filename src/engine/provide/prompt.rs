//! A question to the person at the terminal, through whoever owns the terminal.

use std::{fmt, future::Future, io, pin::Pin};

use serde_json::{Map, Value};

use crate::{engine::case_run::CaseRun, target::Prompt, transcript::Stop};

/// Someone who can be asked.
pub trait Asker: fmt::Debug + Send + Sync {
    /// Shows a question and waits for its answer, without end; who gives up drops the future.
    fn ask<'a>(
        &'a self,
        question: &'a str,
        secret: bool,
    ) -> Pin<Box<dyn Future<Output = io::Result<String>> + Send + 'a>>;
}

impl CaseRun<'_> {
    pub(super) async fn prompt(
        &mut self,
        prompt: &Prompt,
        at: &str,
    ) -> Result<Map<String, Value>, Stop> {
        let shared = &self.engine.provided;
        let Some(asker) = &shared.asker else {
            let why = "it asks a person, and nobody is at a terminal";
            return Err(Stop::NotProvided(format!("{at}: {why}")));
        };
        let question = match self.render(&prompt.ask) {
            Ok(Value::String(question)) => question,
            Ok(other) => other.to_string(),
            Err(why) => return Err(Stop::Setup(format!("{at}: {why}"))),
        };
        let turn = shared.turn.lock().await;
        let answer =
            tokio::time::timeout(prompt.timeout, asker.ask(&question, prompt.secret)).await;
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
            self.secrets.told(&answer);
        }
        Ok(Map::from_iter([(
            prompt.name.clone(),
            Value::String(answer),
        )]))
    }
}

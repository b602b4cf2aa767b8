//! Keys that an expectation wants: fetched once a run, and once more when a token names a key that
//! was not there, because keys are rotated.
//!
//! They are put into the step's bindings, so that the judge stays pure and a transcript that is judged
//! again has all that it was judged by.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

use super::{case_context::CaseContext, key_cache::KeySet, sender::Delivery};
use crate::{
    check::{self, FETCHED, KeySource},
    exchange::{Exchange, Request, TransportError},
    plan::Step,
    result::{Part, StepOwner, Stop},
    target::TargetEdition,
    template::Bindings,
    transcript::StepRecord,
};

/// The name of the step that fetches, for transcripts.
const STEP: &str = "published-keys";

/// Fetches the keys that a step's expectations want for the tokens in its last answer.
///
/// # Errors
/// When a key set cannot be had.
pub(super) async fn fetch_keys(
    context: &mut CaseContext<'_>,
    step: &Step,
    record: &mut StepRecord,
) -> Result<(), Stop> {
    let mut sources = Vec::new();
    for check in step.checks.iter() {
        // What is not bound is reported by the judge.
        sources.extend(check.key_sources(&record.bindings).unwrap_or_default());
    }
    let answer = record.attempts.last().map(|exchange| &exchange.outcome);
    let (false, Some(Ok(response))) = (sources.is_empty(), answer) else {
        return Ok(());
    };
    let mut fetched = json!({});
    for source in sources {
        if let Some(token) = check::token_text(response, &source.at) {
            fetched[source.name()] = key_set(context, &source, &token).await?;
        }
    }
    record.bindings.insert(FETCHED.to_owned(), fetched);
    Ok(())
}

/// The set as the run has it, or anew.
async fn key_set(
    context: &mut CaseContext<'_>,
    source: &KeySource,
    token: &str,
) -> Result<Value, Stop> {
    let cell = context
        .run
        .keys
        .cell(context.contract.edition, source.name());
    let mut slot = cell.lock().await;
    let again = match slot.as_ref() {
        Some(known) if known.again || names_key(&known.set, token) => {
            context.doubts.push(known.doubt.clone());
            return Ok(known.set.clone());
        }
        Some(_) => true,
        None => false,
    };
    let set = fetch_set(context, source).await?;
    *slot = Some(KeySet {
        set: set.clone(),
        again,
        doubt: context.doubt(),
    });
    Ok(set)
}

async fn fetch_set(context: &mut CaseContext<'_>, source: &KeySource) -> Result<Value, Stop> {
    let url = if source.discovery {
        discovered(context, source).await?
    } else {
        source.url.clone()
    };
    let set = fetch(context, &url).await?;
    if set["keys"].is_array() {
        Ok(set)
    } else {
        Err(trouble(&url, "the answer is not a JWK set"))
    }
}

/// The address of the key set that an issuer's configuration names.
async fn discovered(context: &mut CaseContext<'_>, source: &KeySource) -> Result<String, Stop> {
    let issuer = source.url.trim_end_matches('/');
    let configuration = format!("{issuer}/.well-known/openid-configuration");
    let configuration = fetch(context, &configuration).await?;
    // OpenID Connect Discovery, section 4.3: a configuration of somebody else is none.
    if configuration["issuer"] != source.url.as_str() {
        let why = "its configuration names another issuer";
        return Err(trouble(&source.url, why));
    }
    let url = configuration["jwks_uri"].as_str().map(str::to_owned);
    url.ok_or_else(|| trouble(&source.url, "its configuration names no `jwks_uri`"))
}

/// The JSON at a URL of the target.
async fn fetch(context: &mut CaseContext<'_>, url: &str) -> Result<Value, Stop> {
    let url = if url.starts_with('/') {
        format!("{}{url}", context.settings.base_url)
    } else {
        url.to_owned()
    };
    if !is_of_target(context.settings, &url) {
        return Err(trouble(&url, "it is on no host of the target"));
    }
    let request = Request {
        method: "GET".to_owned(),
        url: url.clone(),
        headers: Vec::new(),
        body: None,
        exact: false,
        hostless: false,
    };
    let mut attempts = Vec::new();
    let delivery = Delivery {
        step: STEP,
        request: &request,
        expected: &[],
        doubt: &context.doubt(),
    };
    let delivered = context.run.sender.deliver(&delivery, &mut attempts).await;
    let found = delivered.and_then(|()| published(&url, attempts.last()));
    context.transcript.steps.push(StepRecord {
        name: STEP.into(),
        owner: StepOwner::Case,
        part: Part::Setup,
        index: None,
        route: String::new(),
        attempts,
        bindings: Bindings::new(),
    });
    found
}

/// Whether an address is on a host that the target file names.
fn is_of_target(settings: &TargetEdition, url: &str) -> bool {
    let origin = |url: &str| Url::parse(url).map(|url| url.origin()).ok();
    let asked = origin(url);
    let mut hosts = std::iter::once(&settings.base_url).chain(settings.hosts.values());
    asked.is_some() && hosts.any(|host| origin(host) == asked)
}

/// What is published there, if the last attempt got it as a document that every reader takes alike:
/// keys are evidence.
fn published(url: &str, last: Option<&Exchange>) -> Result<Value, Stop> {
    let exchange = last.ok_or_else(|| trouble(url, "nothing was sent"))?;
    if let Some(fault) = &exchange.fault {
        return Err(Stop::Harness(format!("fetching keys: {fault}")));
    }
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(error @ TransportError::Desync(_)) => return Err(Stop::Desync(error.to_string())),
        Err(error) => return Err(trouble(url, &error.to_string())),
    };
    if response.status != 200 {
        return Err(trouble(url, &format!("it answered {}", response.status)));
    }
    if let Some(defect) = check::delivery(response).first() {
        return Err(trouble(url, &defect.actual));
    }
    let body = response.json().cloned();
    body.ok_or_else(|| trouble(url, "the answer is not JSON"))
}

fn trouble(url: &str, why: &str) -> Stop {
    Stop::Setup(format!("the keys at `{url}` cannot be had: {why}"))
}

/// Whether the set has the key that the token names; true of what names none, which no set helps.
fn names_key(set: &Value, token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    let mut keys = set["keys"].as_array().into_iter().flatten();
    header["kid"].is_null() || keys.any(|key| key["kid"] == header["kid"])
}

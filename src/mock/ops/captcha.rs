//! The slider puzzle that stands before every message.

use serde_json::json;

use crate::mock::{call::Call, dialect::Dialect, reply::Reply, state::State};

/// A picture of one transparent pixel; the harness has nothing to look at.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/// `GET /sdk/captcha`: all members of the documented example.
pub(crate) fn get(call: &Call, state: &mut State) -> Reply {
    let token = state.hex(32);
    let secret = (call.edition != Dialect::OneAccess).then(|| state.alphanumeric(16));
    state.tokens.captchas.insert(token.clone());
    Reply::json(json!({
        "captchaId": null,
        "projectCode": null,
        "captchaOriginalPath": null,
        "captchaFontType": null,
        "captchaFontSize": null,
        "secretKey": secret,
        "originalImageBase64": PIXEL,
        "point": null,
        "jigsawImageBase64": PIXEL,
        "wordList": null,
        "pointList": null,
        "pointJson": null,
        "token": token,
        "result": false,
        "captchaVerification": null,
    }))
}

/// `POST /sdk/captcha/verify`: the puzzle's token and the solution, joined by three dashes.
pub(crate) fn verify(call: &Call, state: &mut State) -> Reply {
    let token = call.text("token").unwrap_or_default();
    let point = call.text("point_json").unwrap_or_default();
    let solved = format!("{token}---{point}");
    state.tokens.captchas.remove(token);
    state.tokens.solved.insert(solved.clone());
    Reply::json(json!({ "captcha_token": solved }))
}

//! What every answer must keep, whatever it says and whoever asked: it arrives whole, in the framing
//! and the content coding that it tells, and its JSON means the same to every reader.

use super::Place;
use crate::{
    contract::{is_json, media_type_of},
    exchange::{Defect, Response},
    result::Mismatch,
};

/// The defects of an answer's delivery, as findings.
#[must_use]
pub fn delivery(response: &Response) -> Vec<Mismatch> {
    delivery_defects(response)
        .map(|defect| Place::delivery().mismatch(defect.expected(), defect.to_string()))
        .collect()
}

/// The defects of an answer's delivery; those of its JSON where it is meant to be JSON.
pub fn delivery_defects(response: &Response) -> impl Iterator<Item = &Defect> {
    let of_json = response.body.json_defects();
    let of_json = if is_meant_as_json(response) {
        of_json
    } else {
        &[]
    };
    response.defects.iter().chain(of_json)
}

/// By its content type, or by what it is where the type says something else.
fn is_meant_as_json(response: &Response) -> bool {
    let media_type = response.header("content-type").map(media_type_of);
    let object = || {
        response
            .json()
            .is_some_and(|body| body.is_object() || body.is_array())
    };
    media_type.as_deref().is_some_and(is_json) || object()
}

#[cfg(test)]
mod tests {
    use super::{super::sample::answer, *};

    fn defects(response: &Response) -> Vec<String> {
        delivery(response).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn json_that_readers_take_differently_is_told_and_other_text_is_not() {
        let mut twice = answer(200, r#"{"a":1,"a":2}"#);
        let finding = [
            "delivery: expected each member of an object once but was an object of the JSON has the member `/a` twice",
        ];
        assert_eq!(defects(&twice), finding);
        // Checks read it as JSON, whatever it is called.
        twice.headers.clear();
        assert_eq!(defects(&twice), finding);
        let mut text = answer(200, "[1] and more");
        assert_eq!(defects(&text).len(), 1);
        text.headers[0].1 = "text/plain".into();
        assert_eq!(defects(&text), [""; 0]);
    }

    #[test]
    fn what_the_wire_found_is_told_whatever_the_body_is() {
        let mut cut = answer(200, "abc");
        cut.defects.push(Defect::CutAtBound { limit: 3 });
        cut.defects.push(Defect::BothFramings);
        assert_eq!(defects(&cut).len(), 2);
        assert_eq!(defects(&answer(200, "")), [""; 0]);
        assert_eq!(defects(&answer(200, "not JSON")), [""; 0]);
    }
}

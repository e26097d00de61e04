//! Places in the configuration as JSON and back.

use serde_json::{Value as Json, json};
use skyform_diag::{SourceId, Span};

pub(super) fn encode_span(span: Option<Span>) -> Json {
    span.map_or(Json::Null, |span| json!([span.source.0, span.start, span.end]))
}

pub(super) fn decode_span(json: &Json) -> Result<Option<Span>, String> {
    if json.is_null() {
        return Ok(None);
    }
    let number = |at: usize| u32::try_from(json.get(at)?.as_u64()?).ok();
    match (number(0), number(1), number(2)) {
        (Some(source), Some(start), Some(end)) => {
            Ok(Some(Span { source: SourceId(source), start, end }))
        }
        _ => Err(format!("not a place: {json}")),
    }
}

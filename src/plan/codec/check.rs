//! Results of checks as JSON and back.

use serde_json::{Value as Json, json};

use super::fields::{Fields, word_of};
use super::span::{decode_span, encode_span};
use crate::{CheckKind, CheckResult, CheckStatus};

const KINDS: [(CheckKind, &str); 4] = [
    (CheckKind::Resource, "resource"),
    (CheckKind::Output, "output"),
    (CheckKind::Check, "check"),
    (CheckKind::Variable, "variable"),
];

const CHECK_STATUSES: [(CheckStatus, &str); 4] = [
    (CheckStatus::Pass, "pass"),
    (CheckStatus::Unknown, "unknown"),
    (CheckStatus::Fail, "fail"),
    (CheckStatus::Error, "error"),
];

pub(super) fn encode_check(check: &CheckResult) -> Json {
    json!({
        "kind": word_of(&check.kind, &KINDS),
        "block": check.block,
        "address": check.address,
        "status": word_of(&check.status, &CHECK_STATUSES),
        "failures": check.failures,
        "span": encode_span(check.span),
    })
}

pub(super) fn decode_check(json: &Json) -> Result<CheckResult, String> {
    let fields = Fields::of("a check", json);
    Ok(CheckResult {
        kind: fields.word("kind", &KINDS)?,
        block: fields.text("block")?,
        address: fields.text("address")?,
        status: fields.word("status", &CHECK_STATUSES)?,
        failures: fields.texts("failures")?,
        span: decode_span(fields.any("span")?)?,
    })
}

//! Answers of the JSON API by their meaning, in the service's own words.

use serde::Deserialize;
use skyform_provider_sdk::{Problem, ProblemKind};

/// What the API says when it does not do what was asked.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    error: Told,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    message: String,
}

/// An answer with a status that is no success, about `what` (`the bucket data`).
pub(crate) fn refused(status: u16, body: &[u8], what: &str) -> Problem {
    let told = serde_json::from_slice::<Answer>(body).unwrap_or_default().error.message;
    let told = match told.trim().trim_end_matches('.') {
        "" => format!("status {status}"),
        told => told.to_owned(),
    };
    let detail = format!("{what}: {told}.");
    let later = "Trying again later may help.";
    let by_status = |kind, summary| Problem::error(kind, summary, detail.clone());
    match status {
        401 | 403 => denied(detail),
        404 => by_status(ProblemKind::NotFound, "No such bucket"),
        409 if told.contains("not empty") => not_empty(detail),
        412 if told.contains("must be empty") => not_empty(detail),
        409 => by_status(ProblemKind::AlreadyExists, "Bucket exists already"),
        429 => by_status(ProblemKind::Throttled, "Too many requests").hint(later),
        408 | 500..=599 => {
            by_status(ProblemKind::Unavailable, "Cloud Storage does not answer").hint(later)
        }
        400..=499 => by_status(ProblemKind::Invalid, "Cloud Storage refuses this"),
        _ => by_status(ProblemKind::Other, "Cloud Storage failed"),
    }
}

/// No answer at all.
pub(crate) fn unanswered(error: reqwest::Error, what: &str) -> Problem {
    let detail = format!("{what}: {}.", skyform_provider_sdk::words(&error.without_url()));
    Problem::error(ProblemKind::Unavailable, "Cloud Storage does not answer", detail)
        .hint("Check the endpoint and the network; then try again.")
}

/// Nobody to be, or not enough rights.
pub(crate) fn denied(detail: String) -> Problem {
    Problem::error(ProblemKind::Denied, "Access to Cloud Storage is denied", detail).hint(
        "Sign in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS; the role Storage Admin is enough.",
    )
}

fn not_empty(detail: String) -> Problem {
    Problem::error(ProblemKind::Invalid, "Bucket is not empty", detail)
        .hint("Delete its objects first, or set force_destroy = true and apply that.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_keep_their_meaning() {
        let body = br#"{"error":{"code":0,"message":"Said so."}}"#;
        for (status, kind) in [
            (400, ProblemKind::Invalid),
            (401, ProblemKind::Denied),
            (403, ProblemKind::Denied),
            (404, ProblemKind::NotFound),
            (409, ProblemKind::AlreadyExists),
            (412, ProblemKind::Invalid),
            (429, ProblemKind::Throttled),
            (503, ProblemKind::Unavailable),
            (302, ProblemKind::Other),
        ] {
            let problem = refused(status, body, "the bucket data");
            assert_eq!(problem.kind, kind, "{status}");
            assert_eq!(problem.detail, "the bucket data: Said so.");
        }
        assert_eq!(refused(500, b"<html>", "x").detail, "x: status 500.");
        let full = br#"{"error":{"message":"The bucket you tried to delete is not empty."}}"#;
        assert_eq!(refused(409, full, "x").summary, "Bucket is not empty");
    }
}

//! Errors of the SDK by meaning, in the service's own words.

use std::error::Error;
use std::io;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use skyform_provider_sdk::{Problem, ProblemKind};

/// What a failed request means. `action` says what was tried, as in `creating the bucket x`.
pub fn problem<E>(action: &str, error: &SdkError<E>) -> Problem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    let kind = match error {
        SdkError::ServiceError(_) => kind_of(code, status.unwrap_or(0)),
        SdkError::ConstructionFailure(_) => ProblemKind::Invalid,
        _ => ProblemKind::Unavailable,
    };
    let mut said = match error.message() {
        Some(message) if !message.is_empty() => message.trim_end_matches('.').to_owned(),
        _ if code.is_empty() => chain(error),
        _ => code.to_owned(),
    };
    let request = error.meta().extra("aws_request_id").map(|id| format!("request {id}"));
    let about: Vec<String> = match error {
        SdkError::ServiceError(_) => {
            let status = status.map(|status| format!("status {status}"));
            let code = Some(code).filter(|code| !code.is_empty()).map(str::to_owned);
            code.or(status).into_iter().chain(request).collect()
        }
        _ => Vec::new(),
    };
    if !about.is_empty() {
        said = format!("{said} ({})", about.join(", "));
    }
    let detail = format!("{}: {said}.", first_upper(action));
    let problem = Problem::error(kind, summary_of(kind), detail);
    match hint_of(kind, code) {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// The same for a request that makes something: where no answer came, it may have been made.
pub fn problem_of_create<E>(action: &str, error: &SdkError<E>) -> Problem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let problem = problem(action, error);
    let unanswered = !matches!(error, SdkError::ServiceError(_) | SdkError::ConstructionFailure(_));
    if !unanswered || was_refused(error) {
        return problem;
    }
    let summary = "No answer came".to_owned();
    Problem { kind: ProblemKind::InDoubt, summary, hint: None, ..problem }
        .hint("It may have been done; the next run looks first.")
}

/// Whether the connection never came about.
fn was_refused(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::ConnectionRefused) {
            return true;
        }
        at = error.source();
    }
    false
}

/// An error with what is behind it, each once.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        let text = error.to_string().trim_end_matches('.').to_owned();
        if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        at = error.source();
    }
    parts.join(": ")
}

fn kind_of(code: &str, status: u16) -> ProblemKind {
    match code {
        "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" => return ProblemKind::AlreadyExists,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => return ProblemKind::Throttled,
        "NotImplemented" | "UnsupportedOperation" => return ProblemKind::Unsupported,
        "UnauthorizedOperation"
        | "AuthFailure"
        | "InvalidClientTokenId"
        | "RequestExpired"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "UnrecognizedClientException"
        | "AccessDenied"
        | "AccessDeniedException" => return ProblemKind::Denied,
        // A bucket that is being made or deleted elsewhere.
        "OperationAborted" => return ProblemKind::Unavailable,
        _ if code.contains("NotFound") || code.starts_with("NoSuch") => {
            return ProblemKind::NotFound;
        }
        _ if code.contains("AlreadyExists") => return ProblemKind::AlreadyExists,
        _ => {}
    }
    match status {
        401 | 403 => ProblemKind::Denied,
        404 => ProblemKind::NotFound,
        429 => ProblemKind::Throttled,
        501 => ProblemKind::Unsupported,
        500..=599 => ProblemKind::Unavailable,
        400..=499 => ProblemKind::Invalid,
        _ => ProblemKind::Other,
    }
}

fn summary_of(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Invalid => "Request was refused",
        ProblemKind::NotFound => "Not found",
        ProblemKind::AlreadyExists => "Name is taken",
        ProblemKind::Denied => "Access denied",
        ProblemKind::Throttled => "Too many requests",
        ProblemKind::Unavailable => "Service does not answer",
        ProblemKind::Unsupported => "Not supported by the service",
        _ => "Request failed",
    }
}

fn hint_of(kind: ProblemKind, code: &str) -> Option<&'static str> {
    Some(match (kind, code) {
        (_, "ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
            "The credentials have expired; fetch new ones and run it again."
        }
        (_, "InvalidAccessKeyId" | "InvalidClientTokenId" | "UnrecognizedClientException") => {
            "The service does not know the access key; look at AWS_ACCESS_KEY_ID and the profile."
        }
        (_, "SignatureDoesNotMatch" | "AuthFailure") => {
            "The secret key does not fit the access key, or the clock is wrong."
        }
        (ProblemKind::Denied, _) => "Let these credentials do it, or use others.",
        (ProblemKind::Throttled, _) => "Run it again later, or with a smaller -parallelism.",
        (ProblemKind::Unavailable, _) => "Run it again later; look at the endpoint if it is set.",
        (ProblemKind::AlreadyExists, _) => "Choose another name.",
        _ => return None,
    })
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_have_a_meaning() {
        for (code, status, expected) in [
            ("NoSuchBucket", 404, ProblemKind::NotFound),
            ("InvalidInstanceID.NotFound", 400, ProblemKind::NotFound),
            ("BucketAlreadyExists", 409, ProblemKind::AlreadyExists),
            ("SlowDown", 503, ProblemKind::Throttled),
            ("ExpiredToken", 400, ProblemKind::Denied),
            ("", 403, ProblemKind::Denied),
            ("", 429, ProblemKind::Throttled),
            ("InternalError", 500, ProblemKind::Unavailable),
            ("NotImplemented", 501, ProblemKind::Unsupported),
            ("InvalidBucketName", 400, ProblemKind::Invalid),
        ] {
            assert_eq!(kind_of(code, status), expected, "{code} {status}");
        }
    }

    #[test]
    fn what_is_behind_an_error_is_said_once() {
        let inner = io::Error::other("connection reset");
        let outer = io::Error::other(io::Error::other(inner));
        assert_eq!(chain(&outer), "connection reset");
    }
}

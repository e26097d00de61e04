//! Errors of the SDK by their meaning, in the service's own words.

use azure_core::Error;
use azure_core::error::ErrorKind;
use azure_storage_blob::StorageError;
use skyform_provider_sdk::{Problem, ProblemKind};

/// An error of a request about `what` (`the container data`).
pub(crate) fn problem(error: Error, what: &str) -> Problem {
    match error.kind() {
        ErrorKind::HttpResponse { .. } => refused(error, what),
        ErrorKind::Credential => denied(format!("{what}: {}.", words(&error))),
        ErrorKind::Connection | ErrorKind::Io => {
            let detail = format!("{what}: {}.", words(&error));
            Problem::error(ProblemKind::Unavailable, "Azure Storage does not answer", detail)
                .hint("Check the account's name, the endpoint and the network; then try again.")
        }
        _ => {
            let detail = format!("{what}: {}.", words(&error));
            Problem::error(ProblemKind::Other, "Azure Storage failed", detail)
        }
    }
}

/// No answer within the time limit.
pub(crate) fn late(what: &str, seconds: u64) -> Problem {
    let detail = format!("{what}: no answer within {seconds} seconds.");
    Problem::error(ProblemKind::Unavailable, "Azure Storage does not answer", detail)
        .hint("Trying again later may help.")
}

/// What the service has answered instead of doing what was asked.
fn refused(error: Error, what: &str) -> Problem {
    let code = code(&error).unwrap_or_default();
    let status = error.http_status().map_or(0, u16::from);
    let said = match StorageError::try_from(error) {
        Ok(StorageError { message: Some(message), request_id, .. }) => {
            // The first line says it; the others repeat the time and the request's number.
            let message = message.lines().next().unwrap_or_default().trim().trim_end_matches('.');
            let request = request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
            format!("{what}: {message}{request}.")
        }
        _ => format!("{what}: {code} (status {status})."),
    };
    let by_code = |kind, summary| Problem::error(kind, summary, said.clone());
    match (status, code.as_str()) {
        (_, "ContainerNotFound" | "ResourceNotFound") | (404, _) => {
            by_code(ProblemKind::NotFound, "No such container")
        }
        (_, "ContainerAlreadyExists") => {
            by_code(ProblemKind::AlreadyExists, "Container exists already")
        }
        (401 | 403, _) => denied(said),
        (429, _) | (_, "ServerBusy") => by_code(ProblemKind::Throttled, "Too many requests")
            .hint("Trying again later may help."),
        (408 | 500..=599, _) | (_, "ContainerBeingDeleted") => {
            by_code(ProblemKind::Unavailable, "Azure Storage does not answer")
                .hint("Trying again later may help.")
        }
        (400 | 405 | 409 | 412, _) => by_code(ProblemKind::Invalid, "Azure Storage refuses this"),
        _ => by_code(ProblemKind::Other, "Azure Storage failed"),
    }
}

fn denied(detail: String) -> Problem {
    Problem::error(ProblemKind::Denied, "Access to Azure Storage is denied", detail).hint(
        "Sign in with `az login`, or set AZURE_STORAGE_KEY; an identity needs the role Storage Blob Data Contributor.",
    )
}

/// The service's code of an error.
pub(crate) fn code(error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::HttpResponse { error_code, .. } => error_code.clone(),
        _ => None,
    }
}

/// An error with its causes in one line, without signatures.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    without_signatures(&skyform_provider_sdk::words(error)).trim_end_matches('.').to_owned()
}

/// A signature in a URL is as good as a password.
fn without_signatures(text: &str) -> String {
    let mut parts = text.split("sig=");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_alphanumeric() || "%+/=-_".contains(c)));
        clean.push_str("sig=...");
        clean.push_str(end.map_or("", |end| &part[end..]));
    }
    clean
}

#[cfg(test)]
mod tests {
    use azure_core::http::headers::Headers;
    use azure_core::http::{RawResponse, StatusCode};

    use super::*;

    fn answered(status: StatusCode, code: &str) -> Error {
        let body =
            format!("<Error><Code>{code}</Code><Message>Said so.\nRequestId:1</Message></Error>");
        let mut headers = Headers::new();
        headers.insert("x-ms-error-code", code.to_owned());
        let raw_response = RawResponse::from_bytes(status, headers, body);
        let error_code = Some(code.to_owned());
        let raw_response = Some(Box::new(raw_response));
        Error::new(ErrorKind::HttpResponse { status, error_code, raw_response }, "answered")
    }

    #[test]
    fn answers_keep_their_meaning() {
        for (status, code, kind) in [
            (StatusCode::NotFound, "ContainerNotFound", ProblemKind::NotFound),
            (StatusCode::Conflict, "ContainerAlreadyExists", ProblemKind::AlreadyExists),
            (StatusCode::Conflict, "ContainerBeingDeleted", ProblemKind::Unavailable),
            (StatusCode::Forbidden, "AuthenticationFailed", ProblemKind::Denied),
            (StatusCode::Unauthorized, "NoAuthenticationInformation", ProblemKind::Denied),
            (StatusCode::TooManyRequests, "TooManyRequests", ProblemKind::Throttled),
            (StatusCode::ServiceUnavailable, "ServerBusy", ProblemKind::Throttled),
            (StatusCode::InternalServerError, "InternalError", ProblemKind::Unavailable),
            (StatusCode::BadRequest, "InvalidMetadata", ProblemKind::Invalid),
        ] {
            let problem = problem(answered(status, code), "the container data");
            assert_eq!(problem.kind, kind, "{code}");
            assert!(problem.detail.starts_with("the container data: Said so"), "{problem:?}");
        }
    }

    #[test]
    fn signatures_are_never_shown() {
        let error = std::io::Error::other("http://a/b?sv=1&sig=aB%2Fc+d%3D&sp=r: refused");
        assert_eq!(words(&error), "http://a/b?sv=1&sig=...&sp=r: refused");
    }
}

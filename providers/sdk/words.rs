//! Errors of libraries in words.

/// An error with its causes in one line, none of them said twice, without a full stop.
pub fn words(error: &dyn std::error::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the request\n  failed")]
    struct Failed(#[source] Error);

    #[test]
    fn causes_are_said_once_and_in_one_line() {
        let error = Failed(Error::other("connection reset."));
        assert_eq!(words(&error), "the request failed: connection reset");
        let error = Failed(Error::other("failed"));
        assert_eq!(words(&error), "the request failed");
    }
}

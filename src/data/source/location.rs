//! Reads what a configuration says of a source.

use super::error::SourceError;

/// A place that data comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, a folder, or a pattern such as `data/*.csv`; relative to the configuration.
    Path(String),
    /// An address of the web.
    Http(String),
    /// Anything else with a scheme, such as `s3://`; only drivers of clouds can read it.
    Bucket {
        /// What comes before `://`, in lower case.
        scheme: String,
        /// The whole text.
        url: String,
    },
}

impl Source {
    /// Tells the kind of source.
    ///
    /// ```
    /// use skyform_data::source::Source;
    ///
    /// assert_eq!(Source::parse("./claims.csv"), Ok(Source::Path("./claims.csv".to_owned())));
    /// ```
    ///
    /// # Errors
    /// An empty text; an address without a host, or with a password in it.
    pub fn parse(text: &str) -> Result<Source, SourceError> {
        if text.trim().is_empty() {
            return Err(SourceError::invalid("\"\"", "it is empty"));
        }
        let Some((scheme, rest)) = split(text) else { return Ok(Source::Path(text.to_owned())) };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let shown = |rest: &str| format!("{scheme}://{rest}");
        match scheme.as_str() {
            "file" if authority.is_empty() && rest.len() > 1 => Ok(Source::Path(rest.to_owned())),
            "file" => {
                Err(SourceError::invalid(text, "a file's address has three slashes and a path"))
            }
            "http" | "https" if authority.contains('@') => {
                // The password is not repeated.
                let (_, host) = authority.rsplit_once('@').unwrap_or_default();
                Err(SourceError::invalid(&shown(host), "a name or password stands in the address"))
            }
            "http" | "https" if authority.is_empty() || authority.starts_with(':') => {
                Err(SourceError::invalid(text, "the address has no host"))
            }
            "http" | "https" => Ok(Source::Http(shown(rest))),
            _ if rest.is_empty() => Err(SourceError::invalid(text, "the address has no bucket")),
            _ => Ok(Source::Bucket { url: shown(rest), scheme }),
        }
    }
}

/// The scheme in lower case, and what follows `://`.
fn split(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"+-.".contains(&letter);
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    (is_scheme && scheme.bytes().all(plain)).then(|| (scheme.to_ascii_lowercase(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_sources() {
        let path = |path: &str| Ok(Source::Path(path.to_owned()));
        let http = |url: &str| Ok(Source::Http(url.to_owned()));
        let bucket = |scheme: &str, url: &str| {
            Ok(Source::Bucket { scheme: scheme.to_owned(), url: url.to_owned() })
        };
        let cases = [
            ("./data/claims.csv", path("./data/claims.csv")),
            ("data/*.csv", path("data/*.csv")),
            ("/srv/data", path("/srv/data")),
            ("a:b", path("a:b")),
            ("7z://x", path("7z://x")),
            ("file:///srv/data", path("/srv/data")),
            ("http://a.example/x?y", http("http://a.example/x?y")),
            ("HTTPS://a.example", http("https://a.example")),
            ("https://a.example/@x", http("https://a.example/@x")),
            ("s3://bucket/key", bucket("s3", "s3://bucket/key")),
            ("GS://bucket", bucket("gs", "gs://bucket")),
            ("local://x", bucket("local", "local://x")),
            (" ", Err("\"\" is no source: it is empty")),
            ("http://", Err("http:// is no source: the address has no host")),
            ("https:///x", Err("https:///x is no source: the address has no host")),
            ("http://:80/", Err("http://:80/ is no source: the address has no host")),
            ("s3://", Err("s3:// is no source: the address has no bucket")),
            (
                "file://host/x",
                Err("file://host/x is no source: a file's address has three slashes and a path"),
            ),
            (
                "https://me:secret@a.example/x",
                Err("https://a.example is no source: a name or password stands in the address"),
            ),
        ];
        for (text, expected) in cases {
            let found = Source::parse(text).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }
}

//! Pages of the web, kept in the user's cache: asked for anew each time, and reused as they were where
//! the server cannot be reached.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use skyform_engine::{Kept, Page, Web};
use ureq::http::{HeaderMap, StatusCode};

/// A page that is larger is not read.
const MOST_BYTES: u64 = 256 << 20;

const CONNECTING: Duration = Duration::from_secs(10);
const DEADLINE: Duration = Duration::from_secs(120);

/// The web with a memory.
#[derive(Clone)]
pub(crate) struct CachedWeb {
    /// Where pages are kept; none: nowhere.
    folder: Option<PathBuf>,
    /// In RFC 3339.
    now: String,
}

/// A page as it is kept: a line of JSON before its content.
#[derive(Default)]
struct Entry {
    etag: Option<String>,
    modified: Option<String>,
    /// When it was last known to be the server's, in RFC 3339.
    since: String,
    bytes: Vec<u8>,
}

/// What the server said.
enum Answer {
    Page(Entry),
    /// What is kept is still the server's.
    Unchanged,
    /// It could not be asked, or is in trouble; why.
    Unreachable(String),
}

impl CachedWeb {
    pub(crate) fn new(folder: Option<PathBuf>, now: String) -> Self {
        Self { folder, now }
    }

    fn path(&self, url: &str) -> Option<PathBuf> {
        let digest = Sha256::digest(url.as_bytes());
        let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.as_ref()?.join(name))
    }

    fn ask(&self, url: &str, kept: Option<&Entry>) -> Result<Answer, String> {
        let config = ureq::Agent::config_builder()
            .https_only(url.starts_with("https://"))
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECTING))
            .timeout_global(Some(DEADLINE))
            .user_agent(concat!("skyform/", env!("CARGO_PKG_VERSION")));
        let mut request = ureq::Agent::new_with_config(config.build()).get(url);
        if let Some(etag) = kept.and_then(|kept| kept.etag.as_ref()) {
            request = request.header("If-None-Match", etag);
        } else if let Some(modified) = kept.and_then(|kept| kept.modified.as_ref()) {
            request = request.header("If-Modified-Since", modified);
        }
        let mut answer = match request.call() {
            Ok(answer) => answer,
            Err(error @ (ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_))) => {
                return Err(format!("{error}."));
            }
            Err(error) => return Ok(Answer::Unreachable(format!("{error}."))),
        };
        let status = answer.status();
        if status == StatusCode::NOT_MODIFIED && kept.is_some() {
            return Ok(Answer::Unchanged);
        }
        let said = format!("The server answers {status}.");
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Ok(Answer::Unreachable(said));
        }
        if status != StatusCode::OK {
            return Err(said);
        }
        let text = |headers: &HeaderMap, name: &str| {
            headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let (etag, modified) =
            (text(answer.headers(), "etag"), text(answer.headers(), "last-modified"));
        match answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec() {
            Ok(bytes) => {
                let since = self.now.clone();
                Ok(Answer::Page(Entry { etag, modified, since, bytes }))
            }
            Err(ureq::Error::BodyExceedsLimit(_)) => {
                Err(format!("It is larger than {} MiB.", MOST_BYTES >> 20))
            }
            Err(error) => Ok(Answer::Unreachable(format!("{error}."))),
        }
    }
}

impl Web for CachedWeb {
    fn fetch(&self, url: &str) -> Result<Page, String> {
        let path = self.path(url);
        let kept = path.as_deref().and_then(Entry::read);
        let (entry, why) = match (self.ask(url, kept.as_ref())?, kept) {
            (Answer::Page(entry), _) => (entry, None),
            (Answer::Unchanged, Some(kept)) => (Entry { since: self.now.clone(), ..kept }, None),
            (Answer::Unchanged, None) => return Err("The server sends nothing.".to_owned()),
            (Answer::Unreachable(why), Some(kept)) => (kept, Some(why)),
            (Answer::Unreachable(why), None) => return Err(why),
        };
        match (&path, why) {
            (_, Some(why)) => {
                let kept = Some(Kept { since: entry.since, why });
                Ok(Page { bytes: entry.bytes, kept })
            }
            (path, None) => {
                if let Some(path) = path {
                    // A cache that cannot be written is none; the page is there all the same.
                    let _ = entry.write(path);
                }
                Ok(Page { bytes: entry.bytes, kept: None })
            }
        }
    }
}

impl Entry {
    /// What is kept in a file; none where that is nothing, or is broken.
    fn read(path: &Path) -> Option<Self> {
        let mut bytes = std::fs::read(path).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let header: serde_json::Value = serde_json::from_slice(&bytes[..end]).ok()?;
        let text = |name: &str| header[name].as_str().map(str::to_owned);
        let entry = Self {
            etag: text("etag"),
            modified: text("modified"),
            since: text("since")?,
            bytes: bytes.split_off(end + 1),
        };
        let is_whole = header["size"].as_u64() == Some(entry.bytes.len() as u64);
        is_whole.then_some(entry)
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let header = serde_json::json!({
            "etag": self.etag, "modified": self.modified, "since": self.since, "size": self.bytes.len(),
        });
        let content = [header.to_string().as_bytes(), b"\n", &self.bytes].concat();
        skyform_state::write_atomically(path, &content).map_err(std::io::Error::other)
    }
}

#[cfg(test)]
mod tests;

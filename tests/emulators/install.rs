//! Where the servers are installed.

use std::path::PathBuf;

/// An installed server.
pub(crate) struct Installed {
    /// The folder that it is in.
    pub(crate) folder: String,
    /// The program that runs JavaScript.
    pub(crate) node: String,
}

/// The server, if it is installed. Says so if it is not, and fails where it has to be.
#[expect(clippy::print_stderr, reason = "a test that has nothing to test says so")]
pub(crate) fn found(name: &str) -> Option<Installed> {
    let root = cache().join("emulators");
    // Its own place, not the link to it: PostgreSQL's user may not be able to follow that.
    if let Ok(folder) = root.join(name).canonicalize() {
        let node = root.join("node/bin/node");
        let node = if node.exists() { node } else { PathBuf::from("node") };
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        return Some(Installed { folder: text(folder), node: text(node) });
    }
    let message = format!("{name} is not installed; scripts/emulators.sh installs it");
    assert!(std::env::var_os("SKYFORM_REQUIRE_EMULATORS").is_none(), "{message}");
    eprintln!("NOT RUN: {message}");
    None
}

/// The project's folder in the user's cache.
fn cache() -> PathBuf {
    let given = std::env::var_os("XDG_CACHE_HOME").filter(|given| !given.is_empty());
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    given.map_or_else(home, PathBuf::from).join("skyform")
}

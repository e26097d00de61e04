//! Which crate may know which: dependencies only point down.

use crate::findings::Findings;
use crate::tree::ProjectFile;

/// Each crate's manifest, and the crates of ours that it may depend on.
const ALLOWED: [(&str, &[&str]); 20] = [
    ("src/diag", &[]),
    ("src/value", &["diag"]),
    ("src/lang", &["diag", "value"]),
    ("src/modules", &[]),
    ("src/placement", &[]),
    ("src/catalog", &[]),
    ("src/state", &["value"]),
    ("src/plan", &["diag", "value", "state"]),
    (
        "src/engine",
        &["diag", "value", "lang", "placement", "catalog", "state", "plan", "provider-sdk"],
    ),
    ("src/testing", &["diag", "value", "lang", "state", "plan", "engine", "provider-sdk"]),
    ("src/render", &["diag", "value", "lang", "state", "plan"]),
    ("src/data", &[]),
    ("src/serve", &[]),
    ("src/encryption", &["state"]),
    ("src/backends", &["state", "encryption"]),
    ("providers/sdk", &["diag", "value"]),
    ("tests/emulators", &[]),
    ("providers/portable", &["value", "diag", "provider-sdk", "data"]),
    ("providers/aws", &["value", "diag", "provider-sdk", "provider-s3"]),
    ("providers", &["value", "diag", "provider-sdk"]),
];

/// Checks all manifests but the root's, which may know everything.
pub(crate) fn check_all(files: &[ProjectFile], found: &mut Findings) {
    for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        check(file, found);
    }
}

fn check(file: &ProjectFile, found: &mut Findings) {
    let folder = file.path.trim_end_matches("/Cargo.toml");
    let own = ALLOWED.iter().find(|(known, _)| *known == folder);
    let parent = ALLOWED.iter().find(|(known, _)| folder.starts_with(&format!("{known}/")));
    let Some((_, allowed)) = own.or(parent) else { return };
    let mut in_tests = false;
    for (number, line) in (1..).zip(file.text.lines()) {
        if line.starts_with('[') {
            in_tests = line == "[dev-dependencies]";
        }
        let Some(rest) = line.strip_prefix("skyform-").filter(|_| !in_tests) else { continue };
        let name = rest.split(['.', ' ', '=']).next().unwrap_or_default();
        if !allowed.contains(&name) {
            let message = format!("{folder} must not know skyform-{name}");
            found.add(&file.path, number, &message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_only_point_down() {
        let check_text = |path: &str, text: &str| {
            let mut found = Findings::default();
            check(&ProjectFile { path: path.to_owned(), text: text.to_owned() }, &mut found);
            found.lines().to_vec()
        };
        let render =
            "[dependencies]\nskyform-plan.workspace = true\nskyform-engine.workspace = true\n";
        assert_eq!(
            check_text("src/render/Cargo.toml", render),
            ["src/render/Cargo.toml:3: src/render must not know skyform-engine"]
        );
        let portable = "skyform-provider-sdk.workspace = true\nskyform-lang.workspace = true\n";
        assert_eq!(
            check_text("providers/portable/Cargo.toml", portable),
            ["providers/portable/Cargo.toml:2: providers/portable must not know skyform-lang"]
        );
        let tests = "[dev-dependencies]\nskyform-engine.workspace = true\n";
        assert!(check_text("src/diag/Cargo.toml", tests).is_empty());
    }
}

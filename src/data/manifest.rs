//! What belongs to a dataset or a model: its files, their sizes and digests, as deterministic JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest;

/// The version of the text that this code writes, and the only one that it reads.
const VERSION: u64 = 1;

/// The files of one thing, sorted by path. Equal files give equal text, and so equal digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    files: Vec<ManifestFile>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Relative, with `/` between its parts, none of which is empty, `.` or `..`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Of its bytes; 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Why this is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// No JSON, or not the fields of a manifest.
    #[error("this is no manifest: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Written by another version.
    #[error("the manifest has version {0}, and this program reads version {VERSION}")]
    Version(u64),
    /// A path that leaves the folder, or is not written the one way it can be.
    #[error("\"{0}\" is no relative path of a file")]
    Path(String),
    /// A path that stands there twice.
    #[error("the manifest lists \"{0}\" twice")]
    Twice(String),
    /// Something else than a SHA-256.
    #[error("the digest of \"{path}\" is no SHA-256 in hexadecimal digits: \"{sha256}\"")]
    Digest {
        /// Whose.
        path: String,
        /// What stands there.
        sha256: String,
    },
    /// Sizes whose sum is beyond counting.
    #[error("the files of the manifest are together larger than can be counted")]
    TooLarge,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u64,
    files: Vec<ManifestFile>,
}

/// Only the version, so that a text of another version is not called broken.
#[derive(Deserialize)]
struct WireVersion {
    version: u64,
}

impl Manifest {
    /// A manifest of these files, in any order.
    ///
    /// # Errors
    /// A path that is not relative and plain, or stands there twice; a digest that is none.
    pub fn new(files: Vec<ManifestFile>) -> Result<Manifest, ManifestError> {
        let mut sorted: BTreeMap<String, ManifestFile> = BTreeMap::new();
        let mut total: u64 = 0;
        for file in files {
            if !is_plain(&file.path) {
                return Err(ManifestError::Path(file.path));
            }
            if !digest::is_digest(&file.sha256) {
                return Err(ManifestError::Digest { path: file.path, sha256: file.sha256 });
            }
            total = total.checked_add(file.size).ok_or(ManifestError::TooLarge)?;
            if let Some(twice) = sorted.insert(file.path.clone(), file) {
                return Err(ManifestError::Twice(twice.path));
            }
        }
        Ok(Manifest { files: sorted.into_values().collect() })
    }

    /// Reads a manifest's text.
    ///
    /// # Errors
    /// Those of [`Manifest::new`], text that is no JSON of this shape, another version.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        let WireVersion { version } = serde_json::from_str(text)?;
        if version != VERSION {
            return Err(ManifestError::Version(version));
        }
        let wire: Wire = serde_json::from_str(text)?;
        Manifest::new(wire.files)
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[ManifestFile] {
        &self.files
    }

    /// The size of all files together, in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// The text: one line a file, the same for the same files.
    pub fn text(&self) -> String {
        let mut text = format!("{{\"version\":{VERSION},\"files\":[");
        for (at, file) in self.files.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            let path = serde_json::Value::from(file.path.as_str());
            let ManifestFile { size, sha256, .. } = file;
            text.push_str(&format!("{{\"path\":{path},\"size\":{size},\"sha256\":\"{sha256}\"}}"));
        }
        text.push_str("\n]}\n");
        text
    }

    /// The SHA-256 of the text: one digest for all files.
    pub fn digest(&self) -> String {
        digest::of(self.text().as_bytes())
    }
}

impl ManifestFile {
    /// The entry of a file with this content.
    pub fn of(path: &str, bytes: &[u8]) -> ManifestFile {
        ManifestFile { path: path.to_owned(), size: bytes.len() as u64, sha256: digest::of(bytes) }
    }
}

fn is_plain(path: &str) -> bool {
    let part_is_plain = |part: &str| !matches!(part, "" | "." | "..");
    !path.contains(|letter: char| letter.is_control() || letter == '\\')
        && path.split('/').all(part_is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn sorted_text_with_a_line_a_file() {
        let manifest = Manifest::new(vec![
            ManifestFile::of("part-2.parquet", b"abc"),
            ManifestFile::of("deep/a \"b\".csv", b""),
        ]);
        let manifest = manifest.expect("a manifest");
        let expected = format!(
            "{{\"version\":1,\"files\":[\n\
             {{\"path\":\"deep/a \\\"b\\\".csv\",\"size\":0,\"sha256\":\"{}\"}},\n\
             {{\"path\":\"part-2.parquet\",\"size\":3,\"sha256\":\"{ABC}\"}}\n]}}\n",
            digest::of(b"")
        );
        assert_eq!(manifest.text(), expected);
        assert_eq!(manifest.size(), 3);
        assert_eq!(manifest.digest(), digest::of(expected.as_bytes()));
        assert_eq!(Manifest::default().text(), "{\"version\":1,\"files\":[\n]}\n");
    }

    #[test]
    fn texts_that_are_no_manifest() {
        let file = |path: &str, size: &str, sha256: &str| {
            format!("{{\"path\":{path:?},\"size\":{size},\"sha256\":{sha256:?}}}")
        };
        let whole = |files: &str| format!("{{\"version\":1,\"files\":[{files}]}}");
        let good = file("a", "1", ABC);
        let half = (u64::MAX / 2 + 1).to_string();
        let too_large = format!("{},{}", file("a", &half, ABC), file("b", &half, ABC));
        let cases = [
            (
                "{\"version\":2,\"parts\":[]}".to_owned(),
                "the manifest has version 2, and this program reads version 1",
            ),
            (whole(&format!("{good},{good}")), "the manifest lists \"a\" twice"),
            (whole(&file("../a", "1", ABC)), "\"../a\" is no relative path of a file"),
            (whole(&file("/a", "1", ABC)), "\"/a\" is no relative path of a file"),
            (whole(&file("a//b", "1", ABC)), "\"a//b\" is no relative path of a file"),
            (whole(&file("", "1", ABC)), "\"\" is no relative path of a file"),
            (
                whole(&file("a", "1", "BA78")),
                "the digest of \"a\" is no SHA-256 in hexadecimal digits: \"BA78\"",
            ),
            (
                whole(&too_large),
                "the files of the manifest are together larger than can be counted",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Manifest::parse(&text).expect_err(expected).to_string(), expected);
        }
        let negative = whole(&file("a", "-1", ABC));
        let unknown = whole(&good).replace("\"size\"", "\"mode\":1,\"size\"");
        for text in ["", "[]", "{}", "{\"version\":1}", &negative, &unknown] {
            assert!(matches!(Manifest::parse(text), Err(ManifestError::Syntax(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            files in prop::collection::btree_map("[a-zé \"/]{0,8}x", any::<[u8; 3]>(), 0..6)
        ) {
            let files: Vec<ManifestFile> = files
                .iter()
                .filter(|(path, _)| is_plain(path))
                .rev()
                .map(|(path, bytes)| ManifestFile::of(path, bytes))
                .collect();
            let manifest = Manifest::new(files).expect("plain paths");
            let read = Manifest::parse(&manifest.text()).expect("what was written");
            prop_assert_eq!(read.text(), manifest.text());
            prop_assert_eq!(read, manifest);
        }
    }
}

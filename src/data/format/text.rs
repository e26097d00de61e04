//! Models that are text: LightGBM's own form and XGBoost's JSON; and texts that are no model.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::error::Fault;

/// Whether the file starts as LightGBM's do.
pub(super) fn is_lightgbm(file: &[u8]) -> bool {
    file.starts_with(b"tree\nversion=v") || file.starts_with(b"tree\r\nversion=v")
}

/// The text has a last line after which nothing is needed.
pub(super) fn check_lightgbm(file: &[u8]) -> Result<(), Fault> {
    let whole = file.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == b"end of trees");
    if whole { Ok(()) } else { Err(Fault::new(file.len(), "\"end of trees\" is missing")) }
}

/// Whether the file is JSON whose first key is `learner`, as XGBoost writes it.
pub(super) fn is_xgboost(file: &[u8]) -> bool {
    let inside = file.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| inside.starts_with(b"\"learner\""))
}

pub(super) fn check_xgboost(file: &[u8]) -> Result<(), Fault> {
    let parsed: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_slice(file);
    parsed.map(drop).map_err(|error| {
        let lines = file.split_inclusive(|byte| *byte == b'\n');
        let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
        Fault::new(before + error.column().saturating_sub(1), format!("no valid JSON: {error}"))
    })
}

/// What a file seems to be that is no model.
pub(super) fn looks_like(file: &[u8]) -> &'static str {
    const STARTS: [(&[u8], &str); 12] = [
        (
            b"version https://git-lfs.github.com/spec/",
            "a Git LFS pointer instead of the file itself",
        ),
        (b"\x1f\x8b", "a gzip archive"),
        (b"PK\x03\x04", "a zip archive that is cut off"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"PAR1", "a Parquet table"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"\xfd7zXZ\0", "an xz archive"),
        (b"BZh", "a bzip2 archive"),
        (b"%PDF", "a PDF document"),
        (b"<", "a page of HTML or XML"),
        (b"{", "a JSON document"),
    ];
    if let Some((_, kind)) = STARTS.iter().find(|(start, _)| file.starts_with(start)) {
        return kind;
    }
    if file.get(257..262) == Some(b"ustar") {
        return "a tar archive";
    }
    let start = &file[..file.len().min(4096)];
    let is_text = match std::str::from_utf8(start) {
        Ok(text) => !text.contains('\0'),
        // A character may be cut in two at the end of what is looked at.
        Err(bad) => bad.valid_up_to() + 4 > start.len() && file.len() > start.len(),
    };
    if is_text { "text" } else { "unknown binary data" }
}

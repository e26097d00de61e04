//! Pairs recorded from `terraform fmt`, and what must be so for every text.

use std::path::{Path, PathBuf};

use super::format;

/// Folders of `NAME.in` with what `NAME.out` must be made of it.
fn pairs() -> Vec<(PathBuf, String, String)> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo tells it");
    let folder = Path::new(&own).join("../../testdata/fmt");
    let mut inputs: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder is part of the project")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "in"))
        .collect();
    inputs.sort();
    let read = |path: &Path| std::fs::read_to_string(path).expect("readable");
    inputs
        .into_iter()
        .map(|path| {
            let (input, output) = (read(&path), read(&path.with_extension("out")));
            (path, input, output)
        })
        .collect()
}

#[test]
fn files_are_formatted_as_recorded() {
    let pairs = pairs();
    assert!(pairs.len() >= 150, "only {} pairs", pairs.len());
    let mut wrong = Vec::new();
    for (path, input, expected) in &pairs {
        let found = format(input);
        if found != *expected {
            wrong.push(format!("{}:\n{found}\nexpected:\n{expected}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

#[test]
fn a_second_time_changes_nothing() {
    // Spelling is changed before lines are laid out, so that once is enough; but a value that comes
    // out of one interpolation may be another.
    for (path, _, output) in pairs() {
        let once = format(&output);
        assert_eq!(format(&once), once, "{}", path.display());
    }
}

#[test]
fn nothing_but_spaces_and_old_spellings_changes() {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let unchanged = |path: &Path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        ["comments", "chains", "signs", "deep", "crlf-plain"].contains(&name.as_str())
    };
    for (path, input, output) in pairs() {
        if unchanged(&path) {
            assert_eq!(bare(&input), bare(&output), "{}", path.display());
        }
    }
}

#[test]
fn any_text_comes_back_without_a_crash() {
    // The text is no valid syntax: what comes out means nothing, but it must come out.
    let pieces = [
        "{", "}", "[", "(", "\"", "${", "~}", "<<E\n", "E\n", "a", "=", "\n", "#", "\u{e9}", " ",
        "/*", "%{", ".",
    ];
    let mut seed = 7_u64;
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..seed % 24 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        seed = seed.wrapping_add(1).wrapping_mul(2_862_933_555_777_941_757);
        let _ = format(&text);
        let _ = crate::syntax::parse_body(skyform_diag::SourceId(0), &text);
    }
}

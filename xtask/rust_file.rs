//! Checks of Rust files: size, header, what `mod.rs` holds, markers of unfinished work.

use crate::findings::Findings;
use crate::tree::ProjectFile;

/// No file written by hand is longer.
const MOST_LINES: usize = 1000;

/// Checks all Rust files.
pub(crate) fn check_all(files: &[ProjectFile], found: &mut Findings) {
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        check(file, found);
    }
}

fn check(file: &ProjectFile, found: &mut Findings) {
    let path = &file.path;
    let lines = file.text.lines().count();
    if lines > MOST_LINES {
        found.add(path, 1, &format!("{lines} lines; is there a second idea in it?"));
    }
    if !file.text.starts_with("//!") {
        found.add(path, 1, "a file starts with what it is for (//!)");
    }
    let holds_modules = path.ends_with("/mod.rs") || path.ends_with("/lib.rs");
    for (number, line) in (1..).zip(file.text.lines()) {
        let code = line.trim_start();
        let defines = [
            "fn ",
            "pub fn ",
            "struct ",
            "pub struct ",
            "enum ",
            "pub enum ",
            "impl ",
            "pub trait ",
        ];
        if holds_modules && defines.iter().any(|start| line.starts_with(start)) {
            found.add(path, number, "mod.rs and lib.rs hold only mod and use");
        }
        if code.starts_with("#[ignore") {
            found.add(path, number, "no test is ignored");
        }
        if path.starts_with("xtask/") {
            continue;
        }
        if line.contains("TODO") && !line.contains("TODO(#") {
            found.add(path, number, "a TODO names its issue: TODO(#12)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(path: &str, text: &str, expected: &[&str]) {
        let mut found = Findings::default();
        check(&ProjectFile { path: path.to_owned(), text: text.to_owned() }, &mut found);
        assert_eq!(found.lines(), expected);
    }

    #[test]
    fn each_rule() {
        check_text("a.rs", "//! Good.\nfn x() {}\n", &[]);
        check_text("a.rs", "fn x() {}\n", &["a.rs:1: a file starts with what it is for (//!)"]);
        check_text(
            "x/mod.rs",
            "//! M.\nmod a;\nfn x() {}\n",
            &["x/mod.rs:3: mod.rs and lib.rs hold only mod and use"],
        );
        check_text("a.rs", "//! A.\n    #[ignore]\n", &["a.rs:2: no test is ignored"]);
        check_text(
            "a.rs",
            "//! A.\n// TODO later\n// TODO(#3): this\n",
            &["a.rs:2: a TODO names its issue: TODO(#12)"],
        );
        let long = format!("//! A.\n{}", "\n".repeat(1000));
        check_text("a.rs", &long, &["a.rs:1: 1001 lines; is there a second idea in it?"]);
    }
}

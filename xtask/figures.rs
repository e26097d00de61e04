//! Lines of code and tests, a row a crate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::tree::ProjectFile;

#[derive(Default)]
struct Row {
    code: Vec<usize>,
    tests: usize,
}

/// The table.
pub(crate) fn table(files: &[ProjectFile]) -> String {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let parts: Vec<&str> = file.path.split('/').collect();
        let own = parts.first().copied().unwrap_or_default();
        let name = match parts.get(1) {
            Some(part) if own != "xtask" && own != "tests" && !part.ends_with(".rs") => {
                format!("{own}/{part}")
            }
            _ => own.to_owned(),
        };
        let row = rows.entry(name).or_default();
        let lines = file.text.lines().count();
        if file.path.contains("tests") {
            row.tests += lines;
        } else {
            let in_tests = file.text.split("#[cfg(test)]\nmod tests {").nth(1);
            let in_tests = in_tests.map_or(0, |text| text.lines().count());
            row.tests += in_tests;
            row.code.push(lines - in_tests);
        }
    }
    let mut text = format!(
        "{:22} {:>6} {:>8} {:>8} {:>8} {:>8}\n",
        "crate", "files", "code", "median", "longest", "tests"
    );
    let mut all = Row::default();
    for (name, row) in rows {
        line(&mut text, &name, &row);
        all.code.extend(&row.code);
        all.tests += row.tests;
    }
    line(&mut text, "all", &all);
    text
}

fn line(text: &mut String, name: &str, row: &Row) {
    let mut sizes = row.code.clone();
    sizes.sort_unstable();
    let total: usize = sizes.iter().sum();
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    let longest = sizes.last().copied().unwrap_or(0);
    let count = sizes.len();
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "{name:22} {count:>6} {total:>8} {median:>8} {longest:>8} {:>8}", row.tests);
}

//! Expressions with recorded results: `testdata/spec/{expressions,generated}/*.jsonl`.
//!
//! Each line is `{"expr", "ok", "text" | "error"}`; `text` is what the console prints, to the letter.
//! Where there is a `type`, it is what the console says about `type(expr)`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use skyform_lang::config::{Config, LoadOptions, ModuleId, load};
use skyform_lang::eval::{Environment, Nothing};
use skyform_lang::{Evaluator, Files, Scope, syntax};
use skyform_value::{ModuleInstance, to_console, type_to_console};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(String, bool)>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()));
        }
        entries.sort();
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn working_dir(&self) -> PathBuf {
        PathBuf::from("/")
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }
}

/// What the console would print for an expression and its type, or the summary of its first error.
fn evaluate(config: &mut Config, setup: &Path, text: &str) -> Result<(String, String), String> {
    let id = config.sources.add("<console>", text);
    let said = |errors: skyform_diag::Diagnostics| {
        errors.iter().next().map_or_else(String::new, |e| format!("{}: {}", e.summary, e.detail))
    };
    let expression = syntax::parse_expression(id, text).map_err(said)?;
    let inputs = BTreeMap::new();
    let environment = Environment {
        files: &Disk,
        working_dir: setup,
        root_dir: Path::new("."),
        workspace: "default",
        plan_timestamp: None,
        now: None,
        random: &|bytes| bytes.fill(7),
    };
    let evaluator = Evaluator::new(config, &Nothing, &inputs, environment);
    let scope = Scope::new(ModuleId(0), ModuleInstance::root());
    let value = evaluator.evaluate(&expression, &scope).map_err(said)?;
    let ty = type_to_console(&value.ty());
    // The console prints what `type` says as it is.
    if text.starts_with("type(") {
        return Ok((value.as_str().unwrap_or_default().to_owned(), ty));
    }
    Ok((to_console(&value), ty))
}

fn setup_in(folder: &Path) -> (Config, PathBuf) {
    let setup = folder.join("setup");
    let (config, problems) = load(&Disk, &setup, &LoadOptions::default());
    assert!(!problems.has_errors(), "{problems:?}");
    (config, setup)
}

/// A folder of the tree that is tested, which need not be the one that was compiled.
fn recorded(name: &str) -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo tells it");
    Path::new(&own).join("../../testdata/spec").join(name)
}

#[test]
fn recorded_expressions_give_the_recorded_results() {
    check("expressions", 3_000);
}

#[test]
fn generated_expressions_give_the_recorded_results() {
    check("generated", 1_500);
}

fn check(folder: &str, least: usize) {
    let folder = recorded(folder);
    let (mut config, setup) = setup_in(&folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder is part of the project")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let (mut total, mut wrong) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        for line in text.lines() {
            let row: serde_json::Value =
                serde_json::from_str(line).expect("one JSON object a line");
            let expression = row["expr"].as_str().expect("an expression");
            let result = evaluate(&mut config, &setup, expression);
            total += 1;
            let good = match (&result, row["ok"].as_bool()) {
                (Ok((text, ty)), Some(true)) => {
                    text.trim_end() == row["text"].as_str().unwrap_or_default().trim_end()
                        && row["type"].as_str().is_none_or(|recorded| recorded == ty)
                }
                (Err(message), Some(false)) => !message.is_empty(),
                _ => false,
            };
            if !good {
                wrong.push(format!("{expression}\n  expected {}\n  got      {result:?}", row));
            }
        }
    }
    assert!(total >= least, "only {total} expressions were found");
    assert!(wrong.is_empty(), "{} of {total} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Results that fail and are not taken, one within the other: the work must not double at each level.
#[test]
fn results_that_are_not_taken_may_be_nested() {
    let (mut config, setup) = setup_in(&recorded("expressions"));
    let shapes: [fn(String) -> String; 3] = [
        |inner| format!("true ? null : [[][0], {inner}]"),
        |inner| format!("true ? null : {{ a = [][0], b = {inner} }}"),
        |inner| format!("true ? null : [{inner}][*].missing"),
    ];
    for shape in shapes {
        let nested = (0..60).fold("1".to_owned(), |inner, _| shape(inner));
        let (text, _) =
            evaluate(&mut config, &setup, &nested).expect("what is taken is no mistake");
        assert_eq!(
            text.lines().next().and_then(|line| line.split_whitespace().next()),
            Some("null")
        );
    }
}

#[test]
fn expressions_of_any_shape_end_without_a_crash() {
    let (mut config, setup) = setup_in(&recorded("expressions"));
    let pieces = [
        "1",
        "-1",
        "1e9",
        "0.5",
        "\"a\"",
        "null",
        "true",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ",",
        "=",
        "+",
        "/",
        "%",
        "==",
        "?",
        ":",
        ".",
        "[*]",
        ".*",
        "x",
        "[for x in ",
        " : ",
        "...",
        "\"${",
        "}\"",
        "range(",
        "slice(",
        "substr(",
        "format(\"%*d\", ",
        "regex(\"(a*)*b\", ",
        "cidrsubnet(",
        "timeadd(",
        "chunklist(",
        "element(",
        "jsondecode(",
        "yamldecode(",
        "formatdate(",
        "pow(",
        "sensitive(",
        "try(",
        "can(",
        "setproduct(",
        "\"10.0.0.0/8\"",
        "\"2020-01-01T00:00:00Z\"",
    ];
    let mut seed = 11_u64;
    for _ in 0..1_500 {
        let mut text = String::new();
        for _ in 0..1 + seed % 12 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        let open = text.matches('(').count().saturating_sub(text.matches(')').count());
        text.push_str(&")".repeat(open));
        let _ = evaluate(&mut config, &setup, &text);
    }
}

#[test]
fn what_would_take_without_end_is_refused() {
    let (mut config, setup) = setup_in(&recorded("expressions"));
    let long_chain = format!("1{}", " + 1".repeat(9_000));
    let cases = [
        "range(1000000)",
        "length(range(0, 1000000000000))",
        "pow(10, 1000000000)",
        "format(\"%1000000000d\", 1)",
        "regexall(\"(a|a)*$\", join(\"\", [for i in range(1000) : \"a\"]))",
        "setproduct(range(1000), range(1000), range(1000))",
        "cidrsubnets(\"10.0.0.0/8\", 100, 200)",
        long_chain.as_str(),
    ];
    for text in cases {
        let start = std::time::Instant::now();
        let _ = evaluate(&mut config, &setup, text);
        assert!(start.elapsed().as_secs() < 20, "{text:.60}");
    }
}

//! Recorded expressions asked again, of Terraform where it is here and of this program: many at a time, as
//! local values that are shown together. The language crate's tests compare ours with the records.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::stack::{Stack, is_terraform_here, project};

/// Expressions that are asked about at a time.
const AT_ONCE: usize = 120;

/// Expressions of a folder that have a value.
fn recorded(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(project().join("testdata/spec").join(folder));
    let mut files: Vec<_> = entries
        .expect("the folder is part of the project")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).expect("readable"));
    let rows = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let rows = rows.map(|line| serde_json::from_str::<serde_json::Value>(&line).expect("JSON"));
    rows.filter(|row| row["ok"] == true)
        .map(|row| row["expr"].as_str().expect("an expression").to_owned())
        // Has a meaning at the console only, not in a local value.
        .filter(|text| !text.contains("type("))
        .collect()
}

/// What a console prints, without messages before it.
fn answer(mut command: Command, question: &str) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    child.stdin.take().expect("piped").write_all(question.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let (text, said) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
    let text = String::from_utf8_lossy(&text).into_owned();
    let begin = text.find("[\n").unwrap_or_else(|| panic!("no tuple: {text}{said}"));
    text[begin..].trim_end().to_owned()
}

fn check(folder: &str) {
    if !is_terraform_here() {
        return;
    }
    let setup = project().join("testdata/spec").join(folder).join("setup/main.tf");
    let setup = std::fs::read_to_string(setup).expect("readable");
    let asked: Vec<String> = recorded(folder);
    assert!(asked.len() > 1000, "only {} expressions were found", asked.len());
    for part in asked.chunks(AT_ONCE) {
        let values = part.iter().enumerate().map(|(at, text)| format!("  e{at} = {text}\n"));
        let values = format!("locals {{\n{}}}\n", values.collect::<String>());
        let stack = Stack::new(&[("main.tf", &setup), ("values.tf", &values)]);
        let names = (0..part.len()).map(|at| format!("local.e{at}")).collect::<Vec<_>>();
        let question = format!("[{}]\n", names.join(", "));
        let mut terraform = Command::new("terraform");
        terraform.arg("console").current_dir(stack.path());
        terraform.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        let theirs = answer(terraform, &question);
        let ours = answer(stack.command(&["console"]), &question);
        let differs = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differs, None, "(ours, theirs) of one of {part:#?}");
        assert_eq!(ours.len(), theirs.len(), "of one of {part:#?}");
    }
}

#[test]
fn recorded_expressions_are_the_same_in_both_programs() {
    check("expressions");
}

#[test]
fn generated_expressions_are_the_same_in_both_programs() {
    check("generated");
}

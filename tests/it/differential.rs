//! The same configuration through Terraform, where it is on PATH.

use std::io::Write as _;
use std::process::Command;

use crate::cases;
use crate::stack::{Stack, project, said};

fn terraform(stack: &Stack, arguments: &[&str]) -> Option<crate::stack::Said> {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(stack.path());
    command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
    Some(said(&command.output().ok()?))
}

/// Whether Terraform is here; says visibly if not.
pub(crate) fn is_here(stack: &Stack) -> bool {
    let here = terraform(stack, &["version"]).is_some_and(|said| said.code == 0);
    if !here {
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "NOT RUN: terraform is not on PATH");
    }
    here
}

/// In parts, which run side by side.
#[test]
fn small_root_modules_mean_the_same_part_1() {
    small_root_modules_mean_the_same(0);
}

#[test]
fn small_root_modules_mean_the_same_part_2() {
    small_root_modules_mean_the_same(1);
}

#[test]
fn small_root_modules_mean_the_same_part_3() {
    small_root_modules_mean_the_same(2);
}

#[test]
fn small_root_modules_mean_the_same_part_4() {
    small_root_modules_mean_the_same(3);
}

fn small_root_modules_mean_the_same(part: usize) {
    if !is_here(&Stack::new(&[])) {
        return;
    }
    let folder = project().join("testdata/configs");
    let mut compared = 0;
    let mut wrong = Vec::new();
    let entries = std::fs::read_dir(folder).expect("readable");
    let mut all: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    all.retain(|case| case.is_dir());
    all.sort();
    for case in all.into_iter().skip(part).step_by(4) {
        let (theirs, ours) =
            (cases::run(&case, "terraform"), cases::run(&case, env!("CARGO_BIN_EXE_skyform")));
        assert_eq!(theirs.len(), ours.len());
        for (theirs, ours) in theirs.iter().zip(&ours) {
            compared += 1;
            if theirs != ours {
                let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let (theirs, ours) = (theirs.line(), ours.line());
                wrong.push(format!("{name}:\n  terraform {theirs}\n  skyform   {ours}"));
            }
        }
    }
    assert!(compared > 60, "only {compared} steps were compared");
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
}

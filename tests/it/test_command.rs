//! `test`: the files in `testdata/tests` come out as recorded from Terraform, and as it says today
//! where it is on PATH.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::stack::{Said, Stack, is_terraform_here, project};

/// Where an error is meant to have another place, and why.
const OTHER_PLACES: &[(&str, &str)] =
    &[("variables-wrong", "the place of the wrong value, not of the variable's block")];

fn cases() -> Vec<PathBuf> {
    let folder = project().join("testdata/tests");
    let entries = std::fs::read_dir(folder).expect("part of the project");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    cases.sort();
    assert!(cases.len() > 20, "only {} cases", cases.len());
    cases
}

fn copy(from: &Path, to: &Stack, below: &str) {
    for entry in std::fs::read_dir(from).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let below = format!("{below}{name}");
        if path.is_dir() {
            copy(&path, to, &format!("{below}/"));
        } else {
            to.write(&below, &std::fs::read_to_string(&path).expect("text"));
        }
    }
}

/// What a stream of messages says of runs and files: statuses, what is left, places of errors.
fn verdicts(said: &Said) -> String {
    let mut rows = Vec::new();
    for line in said.stdout.lines() {
        let message: serde_json::Value = serde_json::from_str(line).expect("a message a line");
        let text = |path: &str| message.pointer(path).and_then(|value| value.as_str());
        let (file, run) = (text("/@testfile").unwrap_or(""), text("/@testrun").unwrap_or(""));
        if let Some(status) = text("/test_run/status") {
            rows.push(format!("{file} {run}: {status}"));
        }
        if let Some(status) = text("/test_file/status") {
            rows.push(format!("{file}: {status}"));
        }
        if let Some(left) = message.pointer("/test_cleanup/failed_resources") {
            let left = left.as_array().expect("a list").iter();
            let left: Vec<_> = left.filter_map(|left| left["instance"].as_str()).collect();
            rows.push(format!("{file} {run}: left {}", left.join(", ")));
        }
        if text("/diagnostic/severity") == Some("error")
            && let Some(name) = text("/diagnostic/range/filename")
        {
            let line = &message["diagnostic"]["range"]["start"]["line"];
            rows.push(format!("{file} {run}: error {name}:{line}"));
        }
    }
    rows.sort();
    rows.push(format!("exit code {}\n", said.code));
    rows.join("\n")
}

#[test]
fn verdicts_are_those_of_terraform() {
    let terraform_too = is_terraform_here();
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let stack = Stack::new(&[]);
        copy(&case, &stack, "");
        let recorded = stack.read("verdicts.txt");
        let found = verdicts(&stack.run(&["test", "-json"]));
        let differs = found != recorded;
        if differs != OTHER_PLACES.iter().any(|(known, _)| *known == name) {
            wrong.push(format!("{name}:\n{found}recorded:\n{recorded}"));
        }
        for left in ["terraform.tfstate", "terraform.tfstate.journal", ".skyform"] {
            assert!(!stack.path().join(left).exists(), "{name} leaves {left} behind");
        }
        if terraform_too {
            stack.terraform(&["init"]).expect("it is here");
            let today = verdicts(&stack.terraform(&["test", "-json"]).expect("it is here"));
            assert_eq!(today, recorded, "{name}: terraform says something else than recorded");
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn text_shows_files_runs_and_their_errors() {
    let stack = Stack::new(&[]);
    copy(
        &cases().into_iter().find(|case| case.ends_with("two-files")).expect("it is there"),
        &stack,
        "",
    );
    let said = stack.run(&["test"]);
    assert_eq!(said.code, 1);
    let expected = "tests/one.tftest.hcl... in progress
  run \"first\"... fail
  run \"second\"... pass
  run \"third\"... fail
tests/one.tftest.hcl... tearing down
tests/one.tftest.hcl... fail
two.tftest.hcl... in progress
  run \"bad_n\"... pass
  run \"check\"... pass
  run \"check_missing\"... fail
  run \"after\"... skip
two.tftest.hcl... tearing down
two.tftest.hcl... fail

Failure! 3 passed, 3 failed, 1 skipped.
";
    assert_eq!(said.stdout, expected);
    assert!(
        said.stderr.contains("value: terraform_data.a[0].input is \"hello-0\""),
        "{}",
        said.stderr
    );
    let only = stack.run(&["test", "-filter=two.tftest.hcl", "-verbose", "-junit-xml=report.xml"]);
    assert!(only.stdout.contains("Failure! 2 passed, 1 failed, 1 skipped."), "{}", only.stdout);
    assert!(only.stdout.contains("terraform_data.a[4]"), "the plan is shown: {}", only.stdout);
    let report = stack.read("report.xml");
    for part in [
        "<testsuite name=\"two.tftest.hcl\" tests=\"4\" skipped=\"1\" failures=\"0\" errors=\"1\">",
        "<testcase name=\"bad_n\" classname=\"two.tftest.hcl\" time=",
        "<error message=\"Encountered an error\"><![CDATA[Error: Missing expected failure",
        "<skipped message=\"Skipped after an error\">",
    ] {
        assert!(report.contains(part), "{part} in {report}");
    }
    let none = stack.run(&["test", "-filter=nowhere.tftest.hcl"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, "\nSuccess! 0 passed, 0 failed.\n"));
    assert!(none.stderr.contains("No such test file"), "{}", none.stderr);
}

#[test]
fn the_ai_blocks_can_be_tested_without_making_anything() {
    let stack = Stack::new(&[
        (
            "main.hcl",
            "cloud \"local\" {}\nbucket \"data\" {\n  cloud = cloud.local\n}\noutput \"url\" {\n  value = bucket.data.url\n}\n",
        ),
        (
            "a.tftest.hcl",
            "mock_provider \"skyform\" {\n  mock_resource \"bucket\" {\n    defaults = { url = \"mock://data\" }\n  }\n}\nrun \"made_up\" {\n  assert {\n    condition     = output.url == \"mock://data\"\n    error_message = output.url\n  }\n}\n",
        ),
        (
            "b.tftest.hcl",
            "run \"real\" {\n  assert {\n    condition     = output.url != \"mock://data\"\n    error_message = output.url\n  }\n}\n",
        ),
    ]);
    assert!(stack.good(&["test", "-filter=a.tftest.hcl"]).contains("Success! 1 passed"));
    assert!(!stack.path().join(".skyform").exists(), "a mock makes no bucket");
    assert!(stack.good(&["test"]).contains("Success! 2 passed"));
    let buckets = stack.path().join(".skyform/local/local/buckets");
    let left = std::fs::read_dir(buckets).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the real bucket is destroyed at the end");
}

#[test]
fn an_interrupt_destroys_what_was_made() {
    let stack = Stack::new(&[
        (
            "main.tf",
            "variable \"slow\" {\n  default = false\n}\nresource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"touch destroyed\"\n  }\n}\nresource \"terraform_data\" \"slow\" {\n  count = var.slow ? 1 : 0\n  provisioner \"local-exec\" {\n    command = \"touch begun; while [ ! -e go ]; do sleep 0.02; done\"\n  }\n}\n",
        ),
        (
            "a.tftest.hcl",
            "run \"one\" {}\nrun \"two\" {\n  variables {\n    slow = true\n  }\n}\nrun \"three\" {}\n",
        ),
    ]);
    let mut command = stack.command(&["test"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program runs");
    let begun = stack.path().join("begun");
    assert!((0..2000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        begun.exists()
    }));
    let id = i32::try_from(child.id()).expect("a process id");
    kill_process(Pid::from_raw(id).expect("a process id"), Signal::INT).expect("it is sent");
    std::thread::sleep(Duration::from_millis(200));
    stack.write("go", "");
    let output = child.wait_with_output().expect("it ends");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("run \"three\"... skip"), "{stdout}");
    assert!(stack.path().join("destroyed").exists(), "{stdout}");
}

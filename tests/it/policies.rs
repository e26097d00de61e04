//! Readers that know nothing of Skyform: a Rego policy and jq filters, on the plans of both programs.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::stack::{Stack, is_terraform_here, project};

/// The ways in which the stack is planned: arguments, and whether it has been applied before.
const PLANS: [(&[&str], bool); 4] = [
    (&[], false),
    (&["-var", "size=2"], true),
    (&["-destroy"], true),
    (&["-replace", "terraform_data.worker[1]"], true),
];

/// A scratch folder with the stack that policies are tried on.
fn stack() -> Stack {
    let folder = policies().join("stack");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("readable");
    Stack::new(&[("main.tf", &read("main.tf")), ("child/main.tf", &read("child/main.tf"))])
}

fn policies() -> PathBuf {
    project().join("testdata/policies")
}

/// The plan's document as one of the programs prints it.
fn document(stack: &Stack, terraform: bool, arguments: &[&str]) -> String {
    let plan: Vec<&str> =
        ["plan", "-input=false", "-out=p"].into_iter().chain(arguments.iter().copied()).collect();
    if terraform {
        let run = |arguments: &[&str]| {
            let said = stack.terraform(arguments).expect("it is here");
            assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.stdout, said.stderr);
            said.stdout
        };
        run(&["init"]);
        run(&plan);
        run(&["show", "-json", "p"])
    } else {
        stack.good(&plan);
        stack.good(&["show", "-json", "p"])
    }
}

/// A stack for each program, applied if asked for.
fn prepared(terraform: bool, applied: bool) -> Stack {
    let stack = stack();
    if applied && terraform {
        stack.terraform(&["init"]).expect("it is here");
        let said = stack.terraform(&["apply", "-auto-approve"]).expect("it is here");
        assert_eq!(said.code, 0, "{}", said.stderr);
    } else if applied {
        stack.good(&["apply", "-auto-approve"]);
    }
    stack
}

/// What the policy has against a plan, sorted.
fn judged(policy: &str, document: &str) -> Vec<String> {
    let mut engine = regorus::Engine::new();
    engine.add_policy("review.rego".to_owned(), policy.to_owned()).expect("a sound policy");
    engine.set_input(regorus::Value::from_json_str(document).expect("JSON"));
    let found = engine.eval_rule("data.review.deny".to_owned()).expect("evaluated");
    let found: Json = serde_json::from_str(&found.to_json_str().expect("JSON")).expect("JSON");
    let mut found: Vec<String> = found
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message.as_str().map(str::to_owned))
        .collect();
    found.sort();
    found
}

#[test]
fn a_rego_policy_judges_plans() {
    let policy = std::fs::read_to_string(policies().join("review.rego")).expect("readable");
    let expected: [&[&str]; 4] = [
        &["terraform_data.orphan has no owner"],
        &[
            "terraform_data.orphan has no owner",
            "terraform_data.worker[0] would be replaced because of triggers_replace",
            "terraform_data.worker[1] would be replaced because of triggers_replace",
        ],
        &[
            "module.child.terraform_data.inner would be deleted",
            "terraform_data.orphan would be deleted",
            "terraform_data.store would be deleted",
            "terraform_data.worker[0] would be deleted",
            "terraform_data.worker[1] would be deleted",
        ],
        &["terraform_data.orphan has no owner"],
    ];
    let terraform = is_terraform_here();
    for ((arguments, applied), expected) in PLANS.into_iter().zip(expected) {
        let ours = document(&prepared(false, applied), false, arguments);
        assert_eq!(judged(&policy, &ours), expected, "{arguments:?}");
        if terraform {
            let theirs = document(&prepared(true, applied), true, arguments);
            assert_eq!(judged(&policy, &theirs), expected, "terraform, {arguments:?}");
        }
    }
}

#[test]
fn a_rego_policy_reads_placements() {
    let policy = std::fs::read_to_string(policies().join("review.rego")).expect("readable");
    let stack = Stack::new(&[("main.hcl", include_str!("../../testdata/placed-buckets/main.hcl"))]);
    let document = document(&stack, false, &[]);
    let cheaper = policy.replace("placement.cost > 1000", "placement.cost > 1");
    let found = judged(&cheaper, &document);
    assert_eq!(found, ["placement main costs 169.1 USD a month"]);
}

/// What a filter makes of some JSON; none where jq is not here.
fn filtered(filter: &str, input: &str) -> Option<String> {
    let mut process = Command::new("jq")
        .arg("-r")
        .arg("-f")
        .arg(policies().join(format!("{filter}.jq")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = process.stdin.take().expect("piped");
    // Written from a thread of its own, so that neither side waits for the other.
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = process.wait_with_output().expect("it ends");
    writer.join().expect("it ends").expect("all is read");
    assert!(output.status.success(), "{filter}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn is_jq_here() -> bool {
    let here = Command::new("jq").arg("--version").output().is_ok_and(|o| o.status.success());
    if !here {
        let _ = writeln!(std::io::stderr(), "NOT RUN: jq is not on PATH");
    }
    here
}

#[test]
fn jq_filters_find_the_same_in_both_programs_plans() {
    if !is_jq_here() {
        return;
    }
    let terraform = is_terraform_here();
    let filters = ["changes", "counts", "unknown", "secrets", "uses", "values"];
    for (arguments, applied) in PLANS {
        let ours = document(&prepared(false, applied), false, arguments);
        let theirs = terraform.then(|| document(&prepared(true, applied), true, arguments));
        for filter in filters {
            let found = filtered(filter, &ours).expect("jq is here");
            assert!(!found.trim().is_empty(), "{filter}, {arguments:?}");
            if let Some(theirs) = &theirs {
                let expected = filtered(filter, theirs).expect("jq is here");
                assert_eq!(found, expected, "{filter}, {arguments:?}");
            }
        }
    }
}

#[test]
fn jq_filters_find_the_same_in_both_programs_streams() {
    if !is_jq_here() {
        return;
    }
    let (ours, theirs) = (stack(), stack());
    let run = |arguments: &[&str]| {
        let said = ours.run(arguments).stdout;
        let other = is_terraform_here().then(|| {
            theirs.terraform(&["init"]);
            theirs.terraform(arguments).expect("it is here").stdout
        });
        (said, other)
    };
    let done = |text: &str| -> Vec<String> {
        let found = filtered("done", text).expect("jq is here");
        let mut lines: Vec<String> = found.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let (said, other) = run(&["apply", "-json", "-auto-approve"]);
    assert_eq!(
        done(&said),
        [
            "create module.child.terraform_data.inner",
            "create terraform_data.orphan",
            "create terraform_data.store",
            "create terraform_data.worker[0]",
            "create terraform_data.worker[1]",
        ]
    );
    if let Some(other) = other {
        assert_eq!(done(&other), done(&said));
    }
    for stack in [&ours, &theirs] {
        stack.write("bad.tf", "resource \"terraform_data\" \"bad\" {\n  inptu = 1\n}\n");
    }
    let (said, other) = run(&["plan", "-json", "-input=false"]);
    let found = filtered("errors", &said).expect("jq is here");
    assert_eq!(found, "bad.tf:2: Unsupported argument\n");
    if let Some(other) = other {
        assert_eq!(filtered("errors", &other).expect("jq is here"), found);
    }
}

#[test]
fn the_guide_shows_what_is_tried_here() {
    let guide = project().join("docs/guides/policies.md");
    let guide = std::fs::read_to_string(guide).expect("readable");
    let mut shown = 0;
    for entry in std::fs::read_dir(policies()).expect("readable") {
        let path = entry.expect("readable").path();
        let Some(language) = path.extension().and_then(|kind| kind.to_str()) else { continue };
        let text = std::fs::read_to_string(&path).expect("readable");
        let block = format!("```{language}\n{}\n```\n", text.trim_end());
        assert!(guide.contains(&block), "{} is not in the guide as it is", path.display());
        shown += 1;
    }
    let blocks = guide.matches("```rego\n").count() + guide.matches("```jq\n").count();
    assert_eq!(blocks, shown, "the guide shows something that no test runs");
}

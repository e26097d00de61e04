//! Small root modules of which it is recorded whether Terraform takes them for valid:
//! `testdata/validate/modules.jsonl`.

use crate::stack::{Stack, project};

/// Where we are meant to differ, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("self-reference", "found by validate already; Terraform finds it when planning"),
    ("replace-triggered-by-nothing", "found by validate already; Terraform finds it when planning"),
    ("tfvars-block", "a broken file of variables is found by validate; Terraform: when planning"),
    ("tfvars-call", "a broken file of variables is found by validate; Terraform: when planning"),
    ("tfvars-wrong", "a broken file of variables is found by validate; Terraform: when planning"),
    ("value-48", "bcrypt's cost is checked by validate; Terraform calls bcrypt when applying"),
    ("value-76", "type() is there outside of the console too"),
];

#[test]
fn modules_are_valid_or_not_as_recorded() {
    let path = project().join("testdata/validate/modules.jsonl");
    let text = std::fs::read_to_string(path).expect("part of the project");
    let mut wrong = Vec::new();
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        let name = row["name"].as_str().expect("a name");
        let stack = Stack::new(&[]);
        for (file, text) in row["files"].as_object().expect("files") {
            stack.write(file, text.as_str().expect("text"));
        }
        let said = stack.run(&["validate"]);
        let differs = (said.code == 0) != row["valid"].as_bool().expect("a bool");
        let is_known = DIFFERENCES.iter().any(|(known, _)| *known == name);
        let is_answer = said.code == 0 || said.code == 1;
        if differs != is_known || !is_answer {
            wrong
                .push(format!("{name}: {} {}, recorded {}", said.code, said.stderr, row["errors"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_nothing_reads_is_named_where_it_is_asked_for() {
    let stack = Stack::new(&[(
        "main.tf",
        "variable \"a\" {}\nvariable \"b\" {\n  validation {\n    condition = var.b != local.d\n    error_message = \"x\"\n  }\n}\nlocals {\n  c = var.a\n  d = 1\n}\n",
    )]);
    assert!(!stack.run(&["validate"]).stderr.contains("Unused"));
    let said = stack.run(&["validate", "-strict"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    for part in ["Unused variable", "var.b", "main.tf:2:1", "Unused local value", "local.c"] {
        assert!(said.stderr.contains(part), "{part} in {}", said.stderr);
    }
    for read in ["reads var.a", "reads local.d"] {
        assert!(!said.stderr.contains(read), "{}", said.stderr);
    }
}

#[test]
fn what_try_does_not_hide_is_said_once_at_its_place() {
    let stack = Stack::new(&[
        (
            "main.tf",
            "resource \"terraform_data\" \"a\" {}\noutput \"o\" {\n  value = [try(terraform_data.a.inputs, 1), terraform_data.a.ouput, try(terraform_data.c.id, 1)]\n}\nresource \"terraform_data\" \"c\" {\n  count = 1\n}\nmodule \"m\" {\n  source = \"./m\"\n  count  = 0\n  v      = \"bad\"\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"v\" {\n  validation {\n    condition     = var.v != \"bad\"\n    error_message = \"Not bad.\"\n  }\n}\n",
        ),
    ]);
    let said = stack.run(&["validate"]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    for (part, times) in [
        ("main.tf:3:32", 1),
        ("Did you mean \"input\"?", 1),
        ("main.tf:3:61", 1),
        ("Did you mean \"output\"?", 1),
        ("Missing resource instance key", 1),
        ("Not bad.", 1),
        ("m/main.tf:3:21", 1),
    ] {
        assert_eq!(said.stderr.matches(part).count(), times, "{part} in {}", said.stderr);
    }
    let plan = stack.run(&["plan"]);
    assert_eq!(plan.code, 1, "{}", plan.stderr);
    assert!(plan.stderr.contains("Did you mean \"input\"?"), "{}", plan.stderr);
    assert!(!plan.stderr.contains("Not bad."), "the module has no instance: {}", plan.stderr);
}

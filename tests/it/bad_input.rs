//! Mistakes: each is said at its place with a hint, and changes nothing.

use crate::stack::Stack;

/// The message for a configuration contains all of `expected`.
fn check(text: &str, expected: &[&str]) {
    let stack = Stack::new(&[("main.hcl", text)]);
    let said = stack.bad(&["plan"]);
    for part in expected {
        assert!(said.contains(part), "expected {part:?} in:\n{said}");
    }
    let left: Vec<_> = std::fs::read_dir(stack.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing but the configuration is there: {left:?}");
}

#[test]
fn mistakes_in_configuration_are_said_where_they_are() {
    check(
        "resource \"terraform_data\" \"a\" {\n  input =\n}\n",
        &["Missing expression", "main.hcl:2"],
    );
    check("buket \"x\" {}\n", &["Unsupported block type", "main.hcl:1:1", "buket"]);
    check("plcement \"x\" {}\n", &["Did you mean \"placement\"?"]);
    check(
        "resource \"terraform_data\" \"a\" {\n  inptu = 1\n}\n",
        &["Unsupported argument", "main.hcl:2:3", "Did you mean \"input\"?"],
    );
    check(
        "variable \"region\" {\n  default = 1\n}\noutput \"o\" {\n  value = var.regoin\n}\n",
        &["undeclared input variable", "main.hcl:5:11", "Did you mean \"region\"?"],
    );
    check(
        "output \"o\" {\n  value = lenght([])\n}\n",
        &["Call to unknown function", "main.hcl:2:11", "Did you mean \"length\"?"],
    );
    check(
        "locals {\n  a = local.b\n  b = local.a\n}\n",
        &["Dependency cycle", "local.a -> local.b -> local.a", "main.hcl:2:7", "3 |"],
    );
    check(
        "task \"t\" {\n  demand = \"many\"\n}\n",
        &["Incorrect attribute value type", "main.hcl:2:12", "a number is required"],
    );
    check(
        "variable \"n\" {\n  default = 0\n  validation {\n    condition     = var.n > 0\n    error_message = \"n must be positive.\"\n  }\n}\n",
        &["n must be positive.", "main.hcl:4"],
    );
    check(
        "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n",
        &["Duplicate configuration", "main.hcl:5:3", "declared first here"],
    );
    check("task \"t\" {}\n", &["Missing required argument", "\"demand\"", "main.hcl:1"]);
    check("variable \"v\" {}\n", &["No value for required variable", "\"v\"", "-var v=VALUE"]);
    check(
        "output \"a\" {\n  value = nothing.x\n}\noutput \"b\" {\n  value = [1][5]\n}\n",
        &["undeclared resource", "main.hcl:2:11", "Invalid index", "main.hcl:5"],
    );
    check(
        "module \"m\" {\n  source = \"./gone\"\n}\n",
        &["./gone", "main.hcl:2:12"].map(|part| if part == "./gone" { "gone" } else { part }),
    );
    check(
        "cloud \"a\" {\n  activation_cost = -1\n}\ntask \"t\" {\n  demand = 1\n}\nplacement \"p\" {}\n",
        &["The activation cost of cloud \"a\" is -1; it must not be negative", "main.hcl:2:3"],
    );
}

#[test]
fn several_mistakes_are_said_in_one_run() {
    let stack = Stack::new(&[
        ("a.tf", "variable \"x\" {\n  type = sting\n}\n"),
        ("b.tf", "resource \"terraform_data\" \"a\" {\n"),
        ("c.tf", "output \"o\" {}\n"),
    ]);
    let said = stack.bad(&["validate"]);
    for part in ["a.tf:2:10", "b.tf:1:31", "c.tf:1:1"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn bad_state_files_are_left_alone() {
    let text = "resource \"terraform_data\" \"a\" {}\n";
    for (state, expected) in
        [("not json", "Invalid state file"), ("{\"version\": 9}", "State file of a newer version")]
    {
        let stack = Stack::new(&[("main.tf", text), ("terraform.tfstate", state)]);
        let said = stack.bad(&["apply", "-auto-approve"]);
        assert!(said.contains(expected), "{said}");
        assert_eq!(stack.read("terraform.tfstate"), state);
    }
}

#[test]
fn json_syntax_means_the_same() {
    let json = r#"{
  "variable": {"n": {"default": 2}},
  "locals": {"names": ["a", "b"]},
  "resource": {"terraform_data": {"x": {"count": "${var.n}", "input": "v-${count.index}"}}},
  "output": {"all": {"value": "${terraform_data.x[*].input}"}, "names": {"value": "${upper(local.names[1])}"}}
}"#;
    let stack = Stack::new(&[("main.tf.json", json)]);
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.json(&["output", "-json", "all"]), serde_json::json!(["v-0", "v-1"]));
    assert_eq!(stack.good(&["output", "-raw", "names"]), "B");
}

#[test]
fn the_wrong_options_are_a_usage_error() {
    let stack = Stack::new(&[]);
    assert_eq!(stack.run(&["plan", "-nonsense"]).code, 64);
    assert_eq!(stack.run(&["nonsense"]).code, 64);
    assert_eq!(stack.run(&["version"]).code, 0);
}

#[test]
fn an_invalid_time_limit_is_an_error() {
    let stack = Stack::new(&[("main.tf", "locals {}\n")]);
    for (given, expected) in [("soon", "SKYFORM_OPERATION_TIMEOUT=soon"), ("0s", "no time")] {
        let mut command = stack.command(&["plan"]);
        let output = command.env("SKYFORM_OPERATION_TIMEOUT", given).output().expect("it runs");
        let said = crate::stack::said(&output);
        assert_eq!(said.code, 1, "{given}");
        assert!(said.stderr.contains("Invalid duration"), "{}", said.stderr);
        assert!(said.stderr.contains(expected), "{}", said.stderr);
    }
}

#[test]
fn wrong_command_lines_answer_with_messages_where_json_is_asked_for() {
    let stack = Stack::new(&[("main.tf", "locals {}\n")]);
    let said = stack.run(&["plan", "-json", "-refresh-only", "-destroy"]);
    assert_eq!(said.code, 64, "{}", said.stderr);
    let last = said.stdout.lines().last().expect("a message");
    let message: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(message["diagnostic"]["summary"], "Incompatible options");
    let said = stack.run(&["plan", "-refresh-only", "-destroy"]);
    assert!(said.stdout.is_empty() && said.stderr.contains("cannot be used with"), "{said:?}");
}

#[test]
fn what_cannot_be_stored_is_refused_before_anything_is_made() {
    let stack = Stack::new(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = { rate = 1 / 0 }\n}\noutput \"b\" {\n  value = [1, -1 / 0]\n}\n",
    )]);
    let said = stack.bad(&["apply", "-auto-approve"]);
    assert!(said.contains("Infinite number") && said.contains("main.tf:2:11"), "{said}");
    assert!(said.contains("main.tf:5:11"), "{said}");
    assert!(!stack.path().join("terraform.tfstate").exists());
    // Known only while applying: what was made is kept all the same.
    stack.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = \"0\"\n}\noutput \"b\" {\n  value = 1 / terraform_data.a.output\n}\n",
    );
    let said = stack.bad(&["apply", "-auto-approve"]);
    assert!(said.contains("Infinite number") && said.contains("main.tf:5:11"), "{said}");
    assert_eq!(stack.good(&["state", "list"]).trim(), "terraform_data.a");
}

/// Counts have another precision than literals, and what is stored as text is no change afterwards.
#[test]
fn stored_numbers_are_what_they_were() {
    let stack = Stack::new(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = { third = length(\"a\") / length(\"abc\"), root = pow(2, 0.5), zero = -0 }\n}\noutput \"b\" {\n  value = [length(\"a\") / length(\"abc\"), 1 / 3, pow(2, 0.5)]\n}\n",
    )]);
    stack.good(&["apply", "-auto-approve"]);
    let output = stack.good(&["output", "-json", "b"]);
    assert!(output.starts_with("[0.33333333333333333334,0.33333333333333333333333"), "{output}");
    assert!(output.trim_end().ends_with(",1.4142135623730951]"), "{output}");
    let again = stack.good(&["plan", "-detailed-exitcode"]);
    assert!(again.contains("No changes"), "{again}");
}

//! Create, update, replace, move, destroy; saved plans; failures.

use crate::stack::Stack;

const LAYERS: &str = r#"
variable "size" {
  default = 3
}

resource "terraform_data" "base" {
  input = "base"
}

resource "terraform_data" "each" {
  count = var.size
  input = "${terraform_data.base.output}-${count.index}"
}

resource "terraform_data" "top" {
  input = join(",", terraform_data.each[*].output)
}

output "top" {
  value = terraform_data.top.output
}
"#;

#[test]
fn a_plan_after_apply_is_empty_whatever_the_size() {
    let stack = Stack::new(&[("main.tf", LAYERS)]);
    for size in ["size=3", "size=5", "size=0", "size=1"] {
        stack.good(&["apply", "-auto-approve", "-var", size]);
        let again = stack.run(&["plan", "-detailed-exitcode", "-var", size]);
        assert_eq!(again.code, 0, "{size}: {}", again.stdout);
    }
    assert_eq!(stack.good(&["output", "-raw", "top"]), "base-0");
    stack.good(&["destroy", "-auto-approve"]);
    assert_eq!(stack.good(&["state", "list"]), "");
}

#[test]
fn a_saved_plan_does_just_what_it_says_and_only_once() {
    let stack = Stack::new(&[("main.tf", LAYERS)]);
    stack.good(&["plan", "-out=first.plan"]);
    let shown = stack.json(&["show", "-json", "first.plan"]);
    assert_eq!(shown["resource_changes"].as_array().map(Vec::len), Some(5));
    let applied = stack.good(&["apply", "first.plan"]);
    assert!(applied.contains("5 added, 0 changed, 0 destroyed"), "{applied}");
    let said = stack.bad(&["apply", "first.plan"]);
    assert!(said.contains("Saved plan is stale"), "{said}");
    stack.good(&["plan", "-out=second.plan", "-var", "size=4"]);
    stack.write("main.tf", &LAYERS.replace("\"base\"\n}", "\"other\"\n}"));
    let said = stack.bad(&["apply", "second.plan"]);
    assert!(said.contains("Configuration has changed since the plan"), "{said}");
}

#[test]
fn a_failure_stops_only_what_depends_on_it() {
    let text = r#"
resource "terraform_data" "bad" {
  provisioner "local-exec" {
    command = "echo out of luck; exit 3"
  }
}
resource "terraform_data" "after" {
  input = terraform_data.bad.id
}
resource "terraform_data" "free" {
  input = "x"
}
"#;
    let stack = Stack::new(&[("main.tf", text)]);
    let said = stack.run(&["apply", "-auto-approve"]);
    assert_eq!(said.code, 1);
    assert!(said.stdout.contains("failed: terraform_data.bad"), "{}", said.stdout);
    assert!(said.stdout.contains("skipped: terraform_data.after"), "{}", said.stdout);
    assert!(said.stderr.contains("exit code 3"), "{}", said.stderr);
    let listed = stack.good(&["state", "list"]);
    assert_eq!(listed, "terraform_data.bad\nterraform_data.free\n");
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("is tainted, so it must be replaced"), "{plan}");
}

#[test]
fn replaced_objects_are_deleted_in_the_order_that_they_ask_for() {
    let text = |first: bool| {
        format!(
            r#"
variable "v" {{
  default = "1"
}}
resource "terraform_data" "a" {{
  triggers_replace = var.v
  provisioner "local-exec" {{
    command = "echo create >> log"
  }}
  provisioner "local-exec" {{
    when    = destroy
    command = "echo destroy >> log"
  }}
  lifecycle {{
    create_before_destroy = {first}
  }}
}}
"#
        )
    };
    // An object that is replaced after its successor is made is a deposed one by then, and
    // destroy-time provisioners do not run for those.
    for (first, expected) in [(false, "create\ndestroy\ncreate\n"), (true, "create\ncreate\n")] {
        let stack = Stack::new(&[("main.tf", &text(first))]);
        stack.good(&["apply", "-auto-approve"]);
        stack.good(&["apply", "-auto-approve", "-var", "v=2"]);
        assert_eq!(stack.read("log"), expected, "create_before_destroy = {first}");
    }
}

#[test]
fn sensitive_values_are_never_shown() {
    let text = r#"
variable "password" {
  default   = "hunter2"
  sensitive = true
}
resource "terraform_data" "a" {
  triggers_replace = { user = "me", password = var.password }
}
output "password" {
  value     = "is ${terraform_data.a.triggers_replace.password}"
  sensitive = true
}
"#;
    let stack = Stack::new(&[("main.tf", text)]);
    for arguments in [&["plan"][..], &["apply", "-auto-approve"], &["plan"], &["show"], &["output"]]
    {
        let said = stack.run(arguments);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert_eq!(said.code, 0, "{all}");
        assert!(!all.contains("hunter2"), "{arguments:?}: {all}");
    }
    assert_eq!(stack.good(&["output", "-raw", "password"]), "is hunter2");
}

#[test]
fn a_condition_that_does_not_hold_shows_what_it_was_about() {
    let text = r#"
variable "token" {
  default   = "hidden"
  sensitive = true
}
locals {
  sizes = [1, 2, 3]
}
resource "terraform_data" "a" {
  input = "x"
  lifecycle {
    postcondition {
      condition     = self.input == "y" || length(local.sizes) > 5 || var.token == ""
      error_message = "It is not y."
    }
  }
}
"#;
    let stack = Stack::new(&[("main.tf", text)]);
    let said = stack.bad(&["plan"]);
    let parts =
        ["self.input is \"x\"", "local.sizes is tuple with 3 elements", "var.token is (sensitive"];
    for part in parts {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("hidden"), "{said}");
    let said = stack.run(&["plan", "-json"]).stdout;
    let messages =
        said.lines().map(|line| -> serde_json::Value { serde_json::from_str(line).expect("JSON") });
    let problems: Vec<_> = messages.filter(|message| message["type"] == "diagnostic").collect();
    let values = &problems[0]["diagnostic"]["snippet"]["values"];
    assert_eq!(values[0]["traversal"], "self.input");
    assert_eq!(values[0]["statement"], "is \"x\"");
}

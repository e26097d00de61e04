//! `-allow-deferral`: what is known is done, the rest is named and left for a second apply.

use crate::stack::Stack;

const MAIN: &str = r#"
resource "terraform_data" "a" {
  input = "x"
}
resource "terraform_data" "many" {
  for_each = toset([terraform_data.a.output])
  input    = each.key
}
locals {
  all = [for one in terraform_data.many : one.output]
}
resource "terraform_data" "after" {
  input = local.all
}
resource "terraform_data" "free" {
  count = 2
  input = "free ${count.index}"
}
module "m" {
  source = "./m"
  count  = terraform_data.a.output == "x" ? 2 : 0
  text   = "t"
}
output "after" {
  value = terraform_data.after.output
}
output "free" {
  value = terraform_data.free[1].output
}
"#;

const MODULE: &str = r#"
variable "text" {}
resource "terraform_data" "r" {
  input = var.text
}
"#;

fn stack() -> Stack {
    Stack::new(&[("main.tf", MAIN), ("m/main.tf", MODULE)])
}

#[test]
fn without_the_option_the_error_names_it() {
    let said = stack().bad(&["plan"]);
    assert!(said.contains("Invalid count or for_each argument"), "{said}");
    assert!(said.contains("-allow-deferral"), "{said}");
}

#[test]
fn a_second_apply_completes_what_was_left() {
    let stack = stack();
    let plan = stack.run(&["plan", "-allow-deferral", "-detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
    let left = "Left for a later apply, since too little is known of it yet:
  ? module.m[*].terraform_data.r  how many there will be is known only after apply
  ? terraform_data.after          depends on what is left for later
  ? terraform_data.many[*]        how many there will be is known only after apply
";
    assert!(plan.stdout.contains("3 to add, 0 to change, 0 to destroy"), "{}", plan.stdout);
    assert!(plan.stdout.ends_with(left), "{}", plan.stdout);
    assert!(!plan.stdout.contains("+ after"), "no output is promised: {}", plan.stdout);
    let applied = stack.good(&["apply", "-auto-approve", "-allow-deferral"]);
    assert!(applied.contains("deferred: terraform_data.many[*]"), "{applied}");
    let first = "terraform_data.a\nterraform_data.free[0]\nterraform_data.free[1]\n";
    assert_eq!(stack.good(&["state", "list"]), first);
    assert_eq!(stack.json(&["output", "-json"])["after"], serde_json::Value::Null);
    stack.good(&["apply", "-auto-approve"]);
    let all = stack.good(&["state", "list"]);
    for address in
        ["module.m[1].terraform_data.r", "terraform_data.after", "terraform_data.many[\"x\"]"]
    {
        assert!(all.contains(address), "{all}");
    }
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    assert_eq!(stack.json(&["output", "-json"])["after"]["value"], serde_json::json!(["x"]));
}

#[test]
fn a_saved_plan_and_its_document_have_it() {
    let stack = stack();
    stack.good(&["plan", "-allow-deferral", "-out=p"]);
    let document = stack.json(&["show", "-json", "p"]);
    assert_eq!(document["complete"], serde_json::json!(false));
    let deferred = document["deferred_changes"].as_array().expect("a list").iter();
    let found: Vec<(&str, &str)> = deferred
        .map(|one| {
            let address = one["resource_change"]["address"].as_str().expect("an address");
            (one["reason"].as_str().expect("a reason"), address)
        })
        .collect();
    let expected = [
        ("instance_count_unknown", "module.m[*].terraform_data.r"),
        ("deferred_prereq", "terraform_data.after"),
        ("instance_count_unknown", "terraform_data.many[*]"),
    ];
    assert_eq!(found, expected);
    let change = &document["deferred_changes"][0]["resource_change"]["change"];
    assert_eq!(change["after"]["input"], serde_json::json!("t"), "what is known is shown");
    stack.good(&["apply", "p"]);
    assert!(stack.good(&["state", "list"]).contains("terraform_data.free[0]"));
}

#[test]
fn objects_of_a_block_that_is_left_for_later_stay() {
    let stack = stack();
    stack.good(&["apply", "-auto-approve", "-allow-deferral"]);
    stack.good(&["apply", "-auto-approve"]);
    let before = stack.good(&["state", "list"]);
    // The value that the keys come from is not known again.
    let changed = MAIN.replace("input = \"x\"", "input = \"y\"");
    stack.write("main.tf", &changed);
    let applied = stack.good(&["apply", "-auto-approve", "-allow-deferral"]);
    assert!(applied.contains("0 added, 1 changed, 0 destroyed"), "{applied}");
    assert_eq!(stack.good(&["state", "list"]), before);
    stack.good(&["apply", "-auto-approve"]);
    assert!(stack.good(&["state", "list"]).contains("terraform_data.many[\"y\"]"));
    assert!(!stack.good(&["state", "list"]).contains("module.m"));
}

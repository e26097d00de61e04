//! State goes both ways between Terraform and Skyform: what one wrote, the other reads, changes and
//! gives back, and neither finds anything to do then.

use std::process::Command;

use crate::differential::is_here;
use crate::stack::{Said, Stack, said};

/// All kinds of values, keys and modules.
const MAIN: &str = r#"
variable "s" { 
  default = "geheim" 
  sensitive = true
}
variable "v" { default = "1" }
resource "terraform_data" "plain" { input = { a = [1, "x", null, true], n = 1/3, e = {}, l = [] } }
resource "terraform_data" "each" {
  for_each = toset(["k\"q", "l.m", "é"])
  input = each.key
  triggers_replace = [var.v, terraform_data.plain.id]
}
resource "terraform_data" "counted" {
  count = 3
  input = { index = count.index, secret = var.s }
  lifecycle { 
    create_before_destroy = true 
  }
  triggers_replace = var.v
}
module "m" {
  source = "./m"
  for_each = { a = 1, b = 2 }
  v = terraform_data.counted[each.value].id
}
output "obj" { value = { ids = terraform_data.counted[*].id, m = { for k, x in module.m : k => x.out }, nul = null, set = toset(["b","a"]), t = tomap({ a = 1 }) } }
output "sec" { 
  value = var.s 
  sensitive = true
}
check "c" {
  assert {
    condition = length(terraform_data.counted) == 3
    error_message = "no"
  }
}
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = "other.json" }
}
output "remote" { value = data.terraform_remote_state.d.outputs }
"#;

const MODULE: &str = r#"
variable "v" {}
resource "terraform_data" "r" { input = var.v }
resource "terraform_data" "s" { 
  count = 2
  input = [terraform_data.r.output, count.index] 
}
output "out" { value = terraform_data.s[*].output }
"#;

const OTHER: &str = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 9,
  "lineage": "aaaaaaaa-1111-2222-3333-444444444444",
  "outputs": {"name": {"value": "n", "type": "string"}}, "resources": []}"#;

const TERRAFORM: &str = "terraform";
const SKYFORM: &str = env!("CARGO_BIN_EXE_skyform");

fn run(stack: &Stack, program: &str, arguments: &str) -> Said {
    let mut command = Command::new(program);
    command.args(arguments.split(' ')).current_dir(stack.path());
    command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
    command.env("NO_COLOR", "1").env("TF_IN_AUTOMATION", "1");
    said(&command.output().expect("the program runs"))
}

fn ends(stack: &Stack, program: &str, arguments: &str, code: i32) {
    let said = run(stack, program, arguments);
    assert_eq!(said.code, code, "{program} {arguments}: {}{}", said.stdout, said.stderr);
}

fn stack() -> Stack {
    Stack::new(&[("main.tf", MAIN), ("m/main.tf", MODULE), ("other.json", OTHER)])
}

const APPLY: &str = "apply -auto-approve -var v=2";
const PLAN: &str = "plan -detailed-exitcode -var v=2";

/// `first` makes a stack; both go on with it by turns.
fn by_turns(first: &str, second: &str) {
    let stack = stack();
    if !is_here(&stack) {
        return;
    }
    ends(&stack, TERRAFORM, "init", 0);
    ends(&stack, first, "apply -auto-approve", 0);
    ends(&stack, second, "plan -detailed-exitcode", 0);
    ends(&stack, second, APPLY, 0);
    ends(&stack, first, PLAN, 0);
    let moved = MAIN
        .replace("\"terraform_data\" \"plain\"", "\"terraform_data\" \"simple\"")
        .replace("terraform_data.plain", "terraform_data.simple");
    let moved = format!(
        "{moved}\nmoved {{\n  from = terraform_data.plain\n  to   = terraform_data.simple\n}}\n"
    );
    stack.write("main.tf", &moved);
    ends(&stack, first, APPLY, 0);
    ends(&stack, second, PLAN, 0);
    ends(&stack, second, "taint terraform_data.counted[1]", 0);
    ends(&stack, first, PLAN, 2);
    ends(&stack, first, APPLY, 0);
    ends(&stack, second, PLAN, 0);
    ends(&stack, second, "state rm module.m[\"a\"].terraform_data.s[1]", 0);
    ends(&stack, first, PLAN, 2);
    ends(&stack, second, APPLY, 0);
    ends(&stack, first, PLAN, 0);
    ends(&stack, second, "destroy -auto-approve", 0);
    ends(&stack, first, "plan -destroy -detailed-exitcode", 0);
}

#[test]
fn what_terraform_made_goes_on_with_skyform_and_back() {
    by_turns(TERRAFORM, SKYFORM);
}

#[test]
fn what_skyform_made_goes_on_with_terraform_and_back() {
    by_turns(SKYFORM, TERRAFORM);
}

/// A replacement whose provisioner fails leaves a tainted and a deposed object behind.
#[test]
fn deposed_objects_are_cleared_away_by_the_other_program() {
    let text = r#"
variable "v" {
  default = "1"
}
resource "terraform_data" "a" {
  triggers_replace = var.v
  provisioner "local-exec" {
    command = "test ${self.triggers_replace} != 2"
  }
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.id
}
"#;
    for (first, second) in [(TERRAFORM, SKYFORM), (SKYFORM, TERRAFORM)] {
        let stack = Stack::new(&[("main.tf", text)]);
        if !is_here(&stack) {
            return;
        }
        ends(&stack, TERRAFORM, "init", 0);
        ends(&stack, first, "apply -auto-approve", 0);
        ends(&stack, first, APPLY, 1);
        assert!(stack.read("terraform.tfstate").contains("\"deposed\""), "{first}");
        ends(&stack, second, "apply -auto-approve -var v=3", 0);
        assert!(!stack.read("terraform.tfstate").contains("\"deposed\""), "{second}");
        ends(&stack, first, "plan -detailed-exitcode -var v=3", 0);
        ends(&stack, second, "destroy -auto-approve", 0);
        ends(&stack, first, "plan -destroy -detailed-exitcode", 0);
    }
}

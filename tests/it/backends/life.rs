//! What every backend does.

use super::place::{GATED, Place, all};

const STACK: &str = r#"
variable "v" {
  default = "one"
}
resource "terraform_data" "a" {
  input = var.v
}
output "name" {
  value = terraform_data.a.output
}
"#;

fn lives(place: &Place) {
    let kept = place.stack("life", STACK);
    kept.good("apply -auto-approve");
    assert!(!kept.stack.path().join("terraform.tfstate").exists(), "{}", place.kind);
    kept.ends("plan -detailed-exitcode", 0);
    assert_eq!(kept.good("output -raw name"), "one");
    assert_eq!(kept.good("state list"), "terraform_data.a\n");
    // Another folder with the same backend is the same stack.
    let other = place.stack("life", STACK);
    other.ends("plan -detailed-exitcode", 0);
    other.good("apply -auto-approve -var v=two");
    assert_eq!(kept.good("output -raw name"), "two");
    kept.good("taint terraform_data.a");
    other.ends("plan -detailed-exitcode -var v=two", 2);
    kept.good("untaint terraform_data.a");
    kept.good("state mv terraform_data.a terraform_data.b");
    assert_eq!(other.good("state list"), "terraform_data.b\n");
    other.good("state mv terraform_data.b terraform_data.a");
    // Out and in again.
    let pulled = kept.good("state pull");
    kept.stack.write("pulled.json", &pulled);
    kept.good("state rm terraform_data.a");
    assert!(kept.bad("state push pulled.json").contains("State is older"));
    kept.good("state push -force pulled.json");
    assert_eq!(other.good("state list"), "terraform_data.a\n");
    // A saved plan is bound to the state that it was made from.
    kept.good("plan -var v=three -out=p.plan");
    other.good("apply -auto-approve -var v=four");
    assert!(kept.bad("apply p.plan").contains("Saved plan is stale"));
    kept.good("destroy -auto-approve");
    assert_eq!(other.good("state list"), "");
}

fn has_workspaces(place: &Place) {
    let kept = place.stack("spaces", STACK);
    if !place.has_workspaces {
        assert!(kept.bad("workspace list").contains("Workspaces not supported"));
        assert!(kept.bad("workspace new dev").contains("Workspaces not supported"));
        return;
    }
    kept.good("apply -auto-approve");
    kept.good("workspace new dev");
    assert_eq!(kept.good("state list"), "");
    kept.good("apply -auto-approve -var v=dev");
    assert_eq!(kept.good("workspace list"), "  default\n* dev\n");
    let other = place.stack("spaces", STACK);
    assert_eq!(other.good("workspace list"), "* default\n  dev\n");
    assert_eq!(other.good("output -raw name"), "one");
    other.good("workspace select dev");
    assert_eq!(other.good("output -raw name"), "dev");
    kept.good("workspace select default");
    assert!(kept.bad("workspace delete dev").contains("Workspace is not empty"));
    kept.good("workspace delete -force dev");
    assert_eq!(kept.good("workspace list"), "* default\n");
}

fn is_read_by_other_stacks(place: &Place) {
    let kept = place.stack("read", STACK);
    kept.good("apply -auto-approve");
    let (kind, config) = (place.kind, place.arguments("read"));
    let reader = format!(
        "data \"terraform_remote_state\" \"r\" {{\n  backend = \"{kind}\"\n  config = {{\n{config}  }}\n}}\noutput \"seen\" {{\n  value = data.terraform_remote_state.r.outputs.name\n}}\n"
    );
    let other = place.stack("reader", &reader);
    other.good("apply -auto-approve");
    assert_eq!(other.good("output -raw seen"), "one");
    let missing = reader.replace("read.tfstate", "none.tfstate").replace("\"read\"", "\"none\"");
    other.stack.write("main.tf", &missing.replace("/read\"", "/none\""));
    assert!(other.bad("plan").contains("Unable to find remote state"));
}

fn keeps_others_out(place: &Place) {
    let (kept, other) = (place.stack("locked", GATED), place.stack("locked", STACK));
    let child = kept.begin_apply();
    let refused = other.bad("plan");
    assert!(refused.contains("State is locked"), "{}: {refused}", place.kind);
    assert!(refused.contains("OperationTypeApply"), "{}: {refused}", place.kind);
    let waiting =
        other.command("plan -lock-timeout=60s").stdout(std::process::Stdio::null()).spawn();
    kept.open_gate();
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{}", place.kind);
    let mut waiting = waiting.expect("the program runs");
    assert!(waiting.wait().expect("it ends").success(), "{}", place.kind);
    assert!(other.bad("force-unlock -force 1").contains("State is not locked"), "{}", place.kind);
}

#[test]
fn each_backend_keeps_a_stack() {
    all().iter().for_each(lives);
}

#[test]
fn each_backend_keeps_states_of_workspaces() {
    all().iter().for_each(has_workspaces);
}

#[test]
fn states_are_read_by_other_stacks() {
    all().iter().for_each(is_read_by_other_stacks);
}

#[test]
fn two_runs_at_once_exclude_each_other() {
    all().iter().for_each(keeps_others_out);
}

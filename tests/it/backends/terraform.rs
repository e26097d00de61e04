//! The same stack by turns with Terraform, over servers.

use super::place::{GATED, Place, all};
use crate::stack::is_terraform_here;

const STACK: &str = r#"
variable "v" {
  default = "1"
}
resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input    = { key = each.key, v = var.v }
}
output "o" {
  value = { for k, a in terraform_data.a : k => a.output }
}
"#;

/// Terraform cannot be pointed at another server for blobs.
fn those_of_terraform() -> Vec<Place> {
    all().into_iter().filter(|place| place.kind != "azurerm").collect()
}

fn goes_back_and_forth(place: &Place) {
    let kept = place.stack("turns", STACK);
    kept.terraform_ends("init", 0);
    kept.good("apply -auto-approve");
    kept.terraform_ends("plan -detailed-exitcode", 0);
    kept.terraform_ends("apply -auto-approve -var v=2", 0);
    kept.ends("plan -detailed-exitcode -var v=2", 0);
    if place.has_workspaces {
        kept.good("workspace new ours");
        kept.good("apply -auto-approve");
        kept.terraform_ends("workspace select ours", 0);
        kept.terraform_ends("plan -detailed-exitcode", 0);
        kept.terraform_ends("workspace new theirs", 0);
        kept.terraform_ends("apply -auto-approve", 0);
        assert_eq!(kept.good("workspace list"), "  default\n  ours\n* theirs\n");
        kept.ends("plan -detailed-exitcode", 0);
        kept.good("workspace select default");
    }
    kept.good("destroy -auto-approve");
    kept.terraform_ends("plan -destroy -detailed-exitcode", 0);
}

fn respects_locks(place: &Place) {
    let kind = place.kind;
    let (ours, theirs) = (place.stack("both", GATED), place.stack("both", GATED));
    theirs.terraform_ends("init", 0);
    let child = ours.begin_apply();
    let refused = theirs.terraform_ends("plan", 1).stderr;
    assert!(refused.contains("Error acquiring the state lock"), "{kind}: {refused}");
    ours.open_gate();
    assert!(child.wait_with_output().expect("it ends").status.success(), "{kind}");
    ours.good("taint terraform_data.gated");
    let child = std::thread::scope(|scope| {
        let applying = scope.spawn(|| theirs.terraform("apply -auto-approve"));
        let started = theirs.stack.path().join("started");
        while !started.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let refused = ours.bad("plan");
        assert!(refused.contains("State is locked"), "{kind}: {refused}");
        theirs.open_gate();
        applying.join().expect("it ends")
    });
    assert_eq!(child.code, 0, "{kind}: {}", child.stderr);
    ours.ends("plan -detailed-exitcode", 0);
}

#[test]
fn a_stack_goes_back_and_forth() {
    if is_terraform_here() {
        those_of_terraform().iter().for_each(goes_back_and_forth);
    }
}

#[test]
fn each_refuses_while_the_other_holds_the_lock() {
    if is_terraform_here() {
        those_of_terraform().iter().for_each(respects_locks);
    }
}

//! What `init` does about backends.

use super::place::http;
use crate::stack::Stack;

const RESOURCE: &str = r#"
resource "terraform_data" "a" {
  input = "x"
}
"#;

fn local(path: &str) -> String {
    format!("terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n{RESOURCE}")
}

#[test]
fn states_move_along_with_the_backend() {
    let stack = Stack::new(&[("main.tf", RESOURCE)]);
    stack.good(&["apply", "-auto-approve"]);
    stack.write("main.tf", &local("one.tfstate"));
    assert!(stack.bad(&["plan"]).contains("Backend initialization required"));
    // Nobody may be asked, and nothing is lost by that.
    assert!(stack.bad(&["init", "-input=false"]).contains("Approval needed"));
    stack.good(&["init", "-force-copy"]);
    assert!(!stack.path().join("terraform.tfstate").exists());
    assert!(stack.path().join("terraform.tfstate.backup").exists());
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    // Changed arguments are noticed by every command.
    stack.write("main.tf", &local("two.tfstate"));
    for command in [&["plan"][..], &["init"], &["state", "list"], &["output"]] {
        let said = stack.bad(command);
        assert!(said.contains("Backend configuration changed"), "{command:?}: {said}");
        assert!(said.contains("Arguments of the backend have changed: path."), "{said}");
    }
    stack.good(&["init", "-reconfigure"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 2);
    stack.write("main.tf", &local("one.tfstate"));
    stack.good(&["init", "-reconfigure"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    // And back to no backend at all.
    stack.write("main.tf", RESOURCE);
    assert!(stack.bad(&["plan"]).contains("no longer configured"));
    stack.good(&["init", "-migrate-state", "-force-copy"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
}

#[test]
fn states_move_to_a_server_and_back() {
    let place = http();
    let stack = Stack::new(&[("main.tf", RESOURCE)]);
    stack.good(&["apply", "-auto-approve"]);
    let backend = format!(
        "terraform {{\n  backend \"http\" {{\n{}  }}\n}}\n{RESOURCE}",
        place.arguments("moved")
    );
    stack.write("main.tf", &backend);
    stack.good(&["init", "-force-copy"]);
    assert!(!stack.path().join("terraform.tfstate").exists());
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    stack.write("main.tf", RESOURCE);
    stack.good(&["init", "-force-copy"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    assert!(stack.path().join("terraform.tfstate").exists());
}

#[test]
fn options_complete_the_block() {
    let place = http();
    let url = place.http.as_ref().expect("it is one").url();
    let text = format!("terraform {{\n  backend \"http\" {{}}\n}}\n{RESOURCE}");
    let stack = Stack::new(&[("main.tf", &text)]);
    let said = stack.bad(&["init"]);
    assert!(said.contains("Missing required argument") && said.contains("\"address\""), "{said}");
    assert!(stack.bad(&["init", "-backend-config=adress=x"]).contains("Did you mean \"address\"?"));
    stack.good(&["init", &format!("-backend-config=address={url}/given")]);
    stack.good(&["apply", "-auto-approve"]);
    // The options are remembered, and are nobody else's business.
    use std::os::unix::fs::PermissionsExt as _;
    let record = stack.path().join(".skyform/backend.json");
    let mode = std::fs::metadata(record).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o077, 0);
    stack.good(&["init"]);
    assert_eq!(stack.good(&["state", "list"]), "terraform_data.a\n");
    // In a file they mean the same.
    let other = Stack::new(&[
        ("main.tf", &text),
        ("given.tfbackend", &format!("address = \"{url}/given\"\n")),
    ]);
    other.good(&["init", "-backend-config=given.tfbackend"]);
    assert_eq!(other.good(&["state", "list"]), "terraform_data.a\n");
    // Without a backend the rest is prepared.
    Stack::new(&[("main.tf", &text)]).good(&["init", "-backend=false"]);
}

#[test]
fn mistakes_are_shown_at_their_lines() {
    let text = r#"terraform {
  backend "s3" {
    buket        = "b"
    use_lockfile = "maybe"
    key          = var.key
    dynamodb_table = "locks"
    endpoints {
      s3 = "x"
    }
  }
}
variable "key" {
  default = "x"
}
"#;
    let stack = Stack::new(&[("main.tf", text)]);
    let said = stack.bad(&["validate"]);
    for expected in [
        "main.tf:3:5",
        "Did you mean \"bucket\"?",
        "main.tf:4:20",
        "\"use_lockfile\" must be true or false.",
        "main.tf:5:20",
        "Variables not allowed",
        "main.tf:6:22",
        "give use_lockfile = true",
        "main.tf:7:5",
        "write endpoints = { ... }",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let stack = Stack::new(&[("main.tf", "terraform {\n  backend \"s4\" {}\n}\n")]);
    assert!(stack.bad(&["validate"]).contains("Did you mean \"s3\"?"));
}

//! Commands and options that Terraform lacks, or whose text is our own.

use std::io::Write as _;
use std::process::Stdio;

use crate::stack::{Stack, said};

const CHAIN: &str = r#"
resource "terraform_data" "base" {
  input = "base"
}
resource "terraform_data" "mid" {
  count = 2
  input = "${terraform_data.base.output}-${count.index}"
}
resource "terraform_data" "top" {
  input = terraform_data.mid[0].output
}
resource "terraform_data" "free" {
  input = "free"
}
module "m" {
  source = "./m"
  count  = 2
}
output "top" {
  value = terraform_data.top.output
}
output "free" {
  value = terraform_data.free.output
}
"#;

fn chain() -> Stack {
    Stack::new(&[("main.tf", CHAIN), ("m/main.tf", "resource \"terraform_data\" \"r\" {}\n")])
}

#[test]
fn exclude_leaves_out_a_block_and_what_depends_on_it() {
    for (excluded, left) in [
        (&["-exclude=terraform_data.base"][..], "free m0 m1"),
        (&["-exclude=terraform_data.mid"], "base free m0 m1"),
        (&["-exclude=terraform_data.mid[1]"], "base free mid[0] m0 m1"),
        (&["-exclude=terraform_data.top"], "base free mid[0] mid[1] m0 m1"),
        (&["-exclude=module.m"], "base free mid[0] mid[1] top"),
        (&["-exclude=module.m[1]"], "base free mid[0] mid[1] top m0"),
        (&["-exclude=terraform_data.base", "-exclude=module.m"], "free"),
    ] {
        let stack = chain();
        let mut arguments = vec!["apply", "-auto-approve"];
        arguments.extend(excluded);
        stack.good(&arguments);
        let listed = stack.good(&["state", "list"]);
        let short = |line: &str| {
            let line = line.replace("terraform_data.", "");
            line.replace("module.m[0].r", "m0").replace("module.m[1].r", "m1")
        };
        let listed: Vec<String> = listed.lines().map(short).collect();
        assert_eq!(listed.join(" "), left, "{excluded:?}");
    }
}

#[test]
fn exclude_keeps_what_is_left_out_as_it_is() {
    let stack = chain();
    stack.good(&["apply", "-auto-approve"]);
    stack.write(
        "main.tf",
        &CHAIN.replace("\"base\"\n}", "\"other\"\n}").replace("= \"free\"", "= \"f2\""),
    );
    let said = stack.good(&["apply", "-auto-approve", "-exclude=terraform_data.mid"]);
    assert!(said.contains("0 added, 2 changed, 0 destroyed"), "{said}");
    assert_eq!(stack.good(&["output", "-raw", "top"]), "base-0");
    assert_eq!(stack.good(&["output", "-raw", "free"]), "f2");
    // What is left out of a destroy keeps what it was made from.
    stack.good(&["destroy", "-auto-approve", "-exclude=terraform_data.mid"]);
    let listed = stack.good(&["state", "list"]);
    assert_eq!(listed, "terraform_data.base\nterraform_data.mid[0]\nterraform_data.mid[1]\n");
}

#[test]
fn exclude_and_target_do_not_go_together() {
    let stack = chain();
    let said = stack.run(&["plan", "-target=terraform_data.base", "-exclude=terraform_data.top"]);
    assert_eq!(said.code, 64, "{}", said.stderr);
    let said = stack.bad(&["plan", "-exclude=bad.."]);
    assert!(said.contains("-exclude=bad.."), "{said}");
}

#[test]
fn configuration_is_generated_for_imports_without_any() {
    let stack =
        Stack::new(&[("main.tf", "import {\n  to = terraform_data.a\n  id = \"one\"\n}\n")]);
    let said = stack.bad(&["plan"]);
    assert!(said.contains("-generate-config-out"), "{said}");
    stack.good(&["plan", "-generate-config-out=generated.tf", "-out=p"]);
    let text = stack.read("generated.tf");
    let expected = "\n# From the object with the id \"one\"\nresource \"terraform_data\" \"a\" {\n  input            = null\n  triggers_replace = null\n}\n";
    assert!(text.ends_with(expected), "{text}");
    stack.good(&["apply", "p"]);
    assert_eq!(stack.good(&["state", "list"]), "terraform_data.a\n");
    let again = stack.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    let said = stack.bad(&["plan", "-generate-config-out=generated.tf"]);
    assert!(said.contains("already exists"), "{said}");
}

#[test]
fn missing_variables_are_asked_for_unless_input_is_false() {
    let text = "variable \"a\" {}\nvariable \"b\" {\n  type = number\n}\noutput \"sum\" {\n  value = \"${var.a}-${var.b + 1}\"\n}\n";
    let stack = Stack::new(&[("main.tf", text)]);
    let answer = |arguments: &[&str], answers: &str| {
        let mut command = stack.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        // With -input=false nobody reads it.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(answers.as_bytes()));
        said(&child.wait_with_output().expect("it ends"))
    };
    let told = answer(&["apply", "-auto-approve"], "x\n2\n");
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(stack.good(&["output", "-raw", "sum"]), "x-3");
    for (arguments, answers) in
        [(&["plan", "-input=false"][..], "x\n2\n"), (&["plan"], "x\n"), (&["plan"], "x\nno\n")]
    {
        assert_eq!(answer(arguments, answers).code, 1, "{arguments:?} {answers:?}");
    }
}

#[test]
fn a_graph_is_the_same_text_each_time_and_shows_a_plans_actions() {
    let stack = chain();
    for arguments in [&["graph"][..], &["graph", "-type=plan"], &["graph", "-type=plan-destroy"]] {
        assert_eq!(stack.good(arguments), stack.good(arguments));
    }
    stack.good(&["plan", "-out=p"]);
    let text = stack.good(&["graph", "-plan=p"]);
    assert_eq!(text, stack.good(&["graph", "-plan=p"]));
    let edge = "\"create terraform_data.top\" -> ";
    assert!(text.contains(edge), "{text}");
}

#[test]
fn nobody_else_can_unlock_a_local_state() {
    let stack = chain();
    let said = stack.bad(&["force-unlock", "-force", "abc"]);
    assert!(said.contains("State is not locked"), "{said}");
}

#[test]
fn warnings_are_put_in_short_where_that_is_asked_for() {
    let text = "variable \"a\" {\n  default = 1\n}\ncheck \"c\" {\n  assert {\n    condition     = var.a == 2\n    error_message = \"It is not 2.\"\n  }\n}\n";
    let stack = Stack::new(&[("main.tf", text)]);
    let full = stack.run(&["plan"]);
    assert!(full.stderr.contains("It is not 2."), "{}", full.stderr);
    let short = stack.run(&["plan", "-compact-warnings"]);
    assert_eq!(
        short.stderr,
        "Warnings:\n\n- Check block assertion failed\n  on main.tf line 6\n\nWithout -compact-warnings they are shown in full.\n\n"
    );
    // Errors are never put in short.
    stack.write("main.tf", &format!("{text}output \"o\" {{\n  value = var.none\n}}\n"));
    let wrong = stack.run(&["plan", "-compact-warnings"]);
    assert!(wrong.stderr.contains("Reference to undeclared"), "{}", wrong.stderr);
}

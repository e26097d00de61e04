//! `fmt`: which files it takes, what it writes and says, how it ends.

use crate::stack::Stack;

fn stack() -> Stack {
    Stack::new(&[
        ("a.tf", "a=1\nbbb = 2\n"),
        ("b.hcl", "a = 1\n"),
        ("c.tfvars", "x=[1,\n2]\n"),
        ("d.tf.json", "{ }"),
        (".hidden.tf", "a=1\n"),
        ("below/e.tftest.hcl", "run x {\n}\n"),
    ])
}

#[test]
fn files_are_written_and_listed() {
    let stack = stack();
    assert_eq!(stack.good(&["fmt"]), "a.tf\nc.tfvars\n");
    assert_eq!(stack.read("a.tf"), "a   = 1\nbbb = 2\n");
    assert_eq!(stack.read("c.tfvars"), "x = [1,\n2]\n");
    assert_eq!(stack.read("d.tf.json"), "{ }");
    assert_eq!(stack.read("below/e.tftest.hcl"), "run x {\n}\n");
    assert_eq!(stack.good(&["fmt", "-recursive"]), "below/e.tftest.hcl\n");
    assert_eq!(stack.read("below/e.tftest.hcl"), "run \"x\" {\n}\n");
    assert_eq!(stack.good(&["fmt", "-recursive", "-check"]), "");
}

#[test]
fn nothing_is_written_where_it_is_not_wanted() {
    let stack = stack();
    let said = stack.run(&["fmt", "-check", "-diff", "a.tf"]);
    let diff = "a.tf\n--- old/a.tf\n+++ new/a.tf\n@@ -1,2 +1,2 @@\n-a=1\n+a   = 1\n bbb = 2\n";
    assert_eq!((said.code, said.stdout.as_str()), (3, diff));
    assert_eq!(stack.good(&["fmt", "-write=false", "-list=false"]), "");
    assert_eq!(stack.read("a.tf"), "a=1\nbbb = 2\n");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let stack = Stack::new(&[]);
    let mut child = stack
        .command(&["fmt", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut stdin, b"a=\"${b}\"").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a = b\n");
}

#[test]
fn what_cannot_be_formatted_is_named_and_the_rest_is_done() {
    let stack = stack();
    stack.write("bad.tf", "a = \n");
    let said = stack.run(&["fmt", "a.tf", "bad.tf", "gone.tf", "d.tf.json"]);
    assert_eq!((said.code, said.stdout.as_str()), (2, "a.tf\n"));
    for part in
        ["bad.tf:1", "Missing expression", "gone.tf", "d.tf.json", "Not a configuration file"]
    {
        assert!(said.stderr.contains(part), "{part} in {}", said.stderr);
    }
    assert_eq!(stack.read("bad.tf"), "a = \n");
}

//! Interrupts, as a terminal sends them.

use std::process::{Child, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::stack::Stack;

/// One that takes long, and others that wait for their turn or for it.
const SLOW: &str = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "touch begun; while [ ! -e go ]; do sleep 0.02; done"
  }
}
resource "terraform_data" "after" {
  input = terraform_data.slow.id
}
"#;

fn begin(stack: &Stack) -> Child {
    let mut command = stack.command(&["apply", "-auto-approve", "-parallelism=1"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program runs");
    let begun = || stack.path().join("begun").exists();
    assert!(soon(begun), "it begins");
    child
}

fn soon(come_about: impl Fn() -> bool) -> bool {
    (0..2000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        come_about()
    })
}

fn interrupt(child: &Child) {
    let id = i32::try_from(child.id()).expect("a process id");
    kill_process(Pid::from_raw(id).expect("a process id"), Signal::INT).expect("it is sent");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Sends interrupts until the program is seen to have taken the first one, then waits for it.
fn stop_and_end(stack: &Stack, child: Child) -> Output {
    interrupt(&child);
    // What runs is finished only now, after the interrupt.
    std::thread::sleep(Duration::from_millis(200));
    stack.write("go", "");
    child.wait_with_output().expect("it ends")
}

#[test]
fn the_first_interrupt_finishes_what_runs_and_begins_nothing_new() {
    let stack = Stack::new(&[("main.tf", SLOW)]);
    let child = begin(&stack);
    let output = stop_and_end(&stack, child);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("Stopping: what runs is finished"), "{stdout}");
    assert!(stdout.contains("Stopped. Resources: 1 added"), "{stdout}");
    assert!(stdout.contains("skipped: terraform_data.after (stopped before)"), "{stdout}");
    assert_eq!(stack.good(&["state", "list"]), "terraform_data.slow\n");
    assert!(!stack.path().join("terraform.tfstate.journal").exists());
    let plan = stack.run(&["plan"]);
    assert!(plan.stdout.contains("1 to add, 0 to change, 0 to destroy"), "{}", plan.stdout);
    assert_eq!(plan.stderr, "", "nothing is in doubt");
}

#[test]
fn the_second_interrupt_gives_up_and_leaves_the_journal_whole() {
    let stack = Stack::new(&[("main.tf", SLOW)]);
    let child = begin(&stack);
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    let output = child.wait_with_output().expect("it ends");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(130), "{stdout}{stderr}");
    assert!(stdout.contains("in doubt: terraform_data.slow"), "{stdout}");
    assert!(stack.path().join("terraform.tfstate.journal").exists());
    assert!(!stack.path().join(".terraform.tfstate.lock.info").exists());
    let plan = stack.run(&["plan"]);
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    assert!(plan.stderr.contains("Interrupted provisioner"), "{}", plan.stderr);
    assert!(plan.stdout.contains("is tainted, so it must be replaced"), "{}", plan.stdout);
    stack.write("go", "");
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
}

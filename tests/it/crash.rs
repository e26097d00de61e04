//! Killed in the middle of an apply: the next run knows everything that was made.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::stack::{Stack, kill_when};

const TRACES: &str = r#"
resource "terraform_data" "r" {
  count = 40
  input = count.index
  provisioner "local-exec" {
    command = "echo x > made-${count.index}"
  }
}
"#;

/// Rounds of the test; more with `SKYFORM_CRASH_ROUNDS`.
fn rounds() -> usize {
    std::env::var("SKYFORM_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[test]
fn nothing_that_left_a_trace_is_unknown_after_a_kill() {
    let (mut kills, mut traces) = (0, 0);
    for round in 0..rounds() {
        let stack = Stack::new(&[("main.tf", TRACES)]);
        let mut child = stack
            .command(&["apply", "-auto-approve"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program runs");
        let made = |index: &usize| stack.path().join(format!("made-{index}")).exists();
        kills += kill_when(&mut child, || (0..40).filter(made).count() > (7 * round) % 39);
        // What its provisioners had begun ends by itself.
        std::thread::sleep(Duration::from_millis(30));
        let made: BTreeSet<usize> = (0..40).filter(made).collect();
        traces += made.len();
        let listed = stack.good(&["state", "list"]);
        let unknown: Vec<usize> = made
            .into_iter()
            .filter(|index| {
                !listed.lines().any(|line| line == format!("terraform_data.r[{index}]"))
            })
            .collect();
        assert!(unknown.is_empty(), "round {round}: unknown {unknown:?} in\n{listed}");
        // The next run takes it up and finishes; the lock is no longer held.
        stack.good(&["apply", "-auto-approve"]);
        let again = stack.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(again.code, 0, "round {round}: {}", again.stdout);
        assert!(!stack.path().join("terraform.tfstate.journal").exists());
    }
    assert!(kills > 3 && traces > 0, "{kills} kills and {traces} traces say nothing");
}

#[test]
fn two_at_once_do_not_both_work() {
    let text = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep 1"
  }
}
"#;
    let stack = Stack::new(&[("main.tf", text)]);
    let mut first = stack
        .command(&["apply", "-auto-approve"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    let held = stack.path().join(".terraform.tfstate.lock.info");
    let seen = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        held.exists()
    });
    assert!(seen, "the first one takes the lock");
    let said = stack.bad(&["apply", "-auto-approve"]);
    assert!(said.contains("State is locked") && said.contains("-lock-timeout"), "{said}");
    stack.good(&["apply", "-auto-approve", "-lock-timeout=20s"]);
    assert!(first.wait().expect("it ends").success());
    assert!(!held.exists());
}

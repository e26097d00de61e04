//! Killed in the middle of an apply: the next run knows everything that was made.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::stack::{Stack, kill_when};

/// Files and buckets of the local cloud: a hundred objects that leave traces.
const TRACES: &str = r#"
cloud "local" {}

resource "terraform_data" "r" {
  count = 60
  input = count.index
  provisioner "local-exec" {
    command = "echo x >> made-${count.index}"
  }
}

bucket "b" {
  count = 40
  cloud = cloud.local
  name  = "b-${count.index}"
}
"#;

/// Rounds of a test; more with `SKYFORM_CRASH_ROUNDS`.
fn rounds(few: usize) -> usize {
    std::env::var("SKYFORM_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

fn begin(stack: &Stack, arguments: &[&str]) -> Child {
    let mut command = stack.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

/// Addresses of all that has left a trace.
fn traces(stack: &Stack) -> BTreeSet<String> {
    let is_there = |path: String| stack.path().join(path).exists();
    let files = (0..60).filter(|index| is_there(format!("made-{index}")));
    let files = files.map(|index| format!("terraform_data.r[{index}]"));
    let bucket =
        |index: &usize| is_there(format!(".skyform/local/local/buckets/b-{index}/bucket.json"));
    let buckets = (0..40).filter(bucket).map(|index| format!("bucket.b[{index}]"));
    files.chain(buckets).collect()
}

#[test]
fn nothing_that_left_a_trace_is_unknown_after_a_kill() {
    let (mut kills, mut left, mut in_doubt) = (0, 0, 0);
    let rounds = rounds(8);
    for round in 0..rounds {
        let stack = Stack::new(&[("main.hcl", TRACES)]);
        let mut child = begin(&stack, &["apply", "-auto-approve", "-parallelism=7"]);
        kills += kill_when(&mut child, || traces(&stack).len() > (37 * round) % 99);
        // What its provisioners had begun ends by itself.
        std::thread::sleep(Duration::from_millis(30));
        let made = traces(&stack);
        left += made.len();
        let listed = stack.good(&["state", "list"]);
        let known: BTreeSet<&str> = listed.lines().collect();
        let unlisted: Vec<&String> =
            made.iter().filter(|address| !known.contains(address.as_str())).collect();
        let plan = stack.run(&["plan"]);
        assert_eq!(plan.code, 0, "round {round}: {}", plan.stderr);
        // What was being made is looked up, and named.
        in_doubt += unlisted.len();
        let unknown: Vec<_> =
            unlisted.into_iter().filter(|address| !plan.stderr.contains(*address)).collect();
        assert!(unknown.is_empty(), "round {round}: unknown {unknown:?} in\n{}", plan.stderr);
        // The next run takes it up and finishes; the lock is no longer held.
        stack.good(&["apply", "-auto-approve"]);
        let again = stack.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(again.code, 0, "round {round}: {}", again.stdout);
        assert!(!stack.path().join("terraform.tfstate.journal").exists());
        assert!(!stack.path().join(".terraform.tfstate.lock.info").exists());
        assert_eq!(traces(&stack).len(), 100, "round {round}");
    }
    println_of(&format!("{kills} kills, {left} traces, {in_doubt} looked up, 0 unknown"));
    assert!(kills as usize > rounds / 4 && left > 0, "{kills} kills and {left} traces say nothing");
}

/// Figures for whoever runs the long version and looks at its output.
fn println_of(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn recover_shows_and_settles_what_a_kill_has_left_in_doubt() {
    let text = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "touch begun; sleep 20"
  }
}
"#;
    let stack = Stack::new(&[("main.tf", text)]);
    let mut child = begin(&stack, &["apply", "-auto-approve"]);
    assert_eq!(kill_when(&mut child, || stack.path().join("begun").exists()), 1);
    let said = stack.run(&["recover"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("State recovered from the journal"), "{}", said.stderr);
    assert!(said.stderr.contains("Interrupted provisioner"), "{}", said.stderr);
    assert!(said.stderr.contains("terraform_data.slow"), "{}", said.stderr);
    assert!(!stack.path().join("terraform.tfstate.journal").exists());
    assert_eq!(stack.good(&["recover"]), "Nothing is in doubt.\n");
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("is tainted, so it must be replaced"), "{plan}");
    let said = stack.bad(&["recover", "-absent=terraform_data.slow"]);
    assert!(said.contains("Not in doubt"), "{said}");
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
    let mut first = begin(&stack, &["apply", "-auto-approve"]);
    let held = stack.path().join(".terraform.tfstate.lock.info");
    let seen = (0..300).any(|_| {
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

#[test]
fn two_that_race_for_one_state_make_everything_once() {
    let text = r#"
resource "terraform_data" "r" {
  count = 5
  provisioner "local-exec" {
    command = "echo x >> made-${count.index}"
  }
}
"#;
    let rounds = rounds(10).min(100);
    for round in 0..rounds {
        let stack = Stack::new(&[("main.tf", text)]);
        // Every second time they do not wait for each other: one of them may be sent away.
        let waits = round % 2 == 0;
        let patience = if waits { "-lock-timeout=60s" } else { "-lock-timeout=0s" };
        let arguments = ["apply", "-auto-approve", patience];
        let mut both = [begin(&stack, &arguments), begin(&stack, &arguments)];
        let good: Vec<bool> =
            both.iter_mut().map(|child| child.wait().expect("it ends").success()).collect();
        assert!(if waits { good == [true, true] } else { good.contains(&true) }, "{good:?}");
        for index in 0..5 {
            assert_eq!(stack.read(&format!("made-{index}")), "x\n", "round {round}");
        }
        assert_eq!(stack.good(&["state", "list"]).lines().count(), 5, "round {round}");
        assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0, "round {round}");
        let left = std::fs::read_dir(stack.path()).expect("readable").count();
        assert_eq!(left, 7, "round {round}: only files made, main.tf and the state are there");
    }
}

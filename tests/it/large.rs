//! Large objects of a stack: sent in parts, and no part is left behind by a run that was killed.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use skyform_emulators::{Fault, Faulty, Server};

use crate::stack::Stack;

const STACK: &str = r#"
variable "url" {}

cloud "east" {
  driver   = "s3"
  region   = "us-east-1"
  endpoint = var.url
}

bucket "data" {
  cloud         = cloud.east
  name          = "large-data"
  force_destroy = true
}

dataset "claims" {
  source      = "from"
  destination = "${bucket.data.url}/claims/"
}
"#;

/// More than three parts.
const SIZE: usize = 26 << 20;

fn command(stack: &Stack, url: &str, arguments: &[&str]) -> Command {
    let mut command = stack.command(arguments);
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("TF_VAR_url", url);
    command
}

fn open_uploads(server: &Server) -> usize {
    let answer = ureq::get(format!("{}/large-data?uploads", server.url())).call();
    let text = answer.expect("an answer").body_mut().read_to_string().expect("text");
    text.matches("<UploadId>").count()
}

fn is_part(asked: &str) -> bool {
    asked.starts_with("PUT") && asked.contains("partNumber=")
}

#[test]
fn a_dataset_that_is_killed_while_it_is_sent_leaves_no_parts() {
    let Some(server) = skyform_emulators::moto() else { return };
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (seen, hung) = (Arc::clone(&asked), AtomicUsize::new(0));
    let faulty = Faulty::before(&server, move |asked| {
        let line = format!("{} {}", asked.method, asked.path);
        let is_last = line.contains("partNumber=4");
        seen.lock().expect("no panic").push(line);
        let is_first = is_last && hung.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then_some(Fault::Hang(Duration::from_secs(60)))
    });
    let large: String = (0..SIZE).map(|at| char::from(b'a' + (at % 23) as u8)).collect();
    let stack = Stack::new(&[("main.hcl", STACK), ("from/large.txt", &large), ("from/small", "x")]);
    let mut child = command(&stack, faulty.url(), &["apply", "-auto-approve"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let parts = || asked.lock().expect("no panic").iter().filter(|line| is_part(line)).count();
    let deadline = Instant::now() + Duration::from_secs(120);
    while parts() < 4 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(open_uploads(&server), 1, "the kill came in the middle");
    let again = command(&stack, faulty.url(), &["apply", "-auto-approve"]).output();
    let again = again.expect("the program runs");
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(again.status.success(), "{said}");
    assert_eq!(open_uploads(&server), 0);
    let url = format!("{}/large-data/claims/large.txt", server.url());
    let read = ureq::get(url)
        .call()
        .expect("it is there")
        .body_mut()
        .with_config()
        .limit(1 << 30)
        .read_to_string();
    assert!(read.expect("text") == large, "another content");
    let settled = command(&stack, faulty.url(), &["plan", "-detailed-exitcode"]).status();
    assert_eq!(settled.expect("the program runs").code(), Some(0));
}

//! Ephemeral resources and write-only attributes: secrets that are used and never stored.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::stack::{Said, Stack, said};

/// Ends with a mark that is easily found wherever it must not be.
const SECRET: &str = "hunter2-do-not-store";

const USED: &str = r#"
ephemeral "secret" "key" {
  env = "API_KEY"

  lifecycle {
    postcondition {
      condition     = length(self.value) > 3
      error_message = "The key is too short."
    }
  }
}

locals {
  header = "Bearer ${ephemeral.secret.key.value}"
}

ephemeral "secret" "derived" {
  for_each = toset(["a"])
  command  = ["printf", "%s", "${each.key}:${local.header}"]
}

resource "terraform_data" "first" {
  provisioner "local-exec" {
    command     = "test \"$KEY\" = \"a:Bearer $API_KEY\""
    environment = { KEY = ephemeral.secret.derived["a"].value }
  }
}

resource "terraform_data" "second" {
  input = terraform_data.first.id
}
"#;

fn run(stack: &Stack, arguments: &[&str]) -> Said {
    said(&stack.command(arguments).env("API_KEY", SECRET).output().expect("the program runs"))
}

fn good(stack: &Stack, arguments: &[&str]) -> String {
    let said = run(stack, arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.stdout, said.stderr);
    said.stdout + &said.stderr
}

/// Nothing that lies in a folder may hold the secret, nor what was printed.
fn nothing_holds_it(folder: &Path, printed: &str) {
    assert!(!printed.contains(SECRET), "printed: {printed}");
    let mut seen = 0;
    let mut queue = vec![folder.to_owned()];
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                queue.push(path);
                continue;
            }
            seen += 1;
            let bytes = std::fs::read(&path).expect("readable");
            let holds = bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
            assert!(!holds, "{} holds the secret", path.display());
        }
    }
    assert!(seen > 1, "there was nothing to look at");
}

/// The lines about opening and closing, in their order.
fn opened(text: &str) -> Vec<&str> {
    let about = |line: &&str| line.starts_with("ephemeral.") && line.ends_with("ing...");
    text.lines().filter(about).collect()
}

#[test]
fn what_is_opened_is_used_closed_and_never_stored() {
    let stack = Stack::new(&[("main.hcl", USED)]);
    let planned = good(&stack, &["plan", "-out=p"]);
    let order = [
        "ephemeral.secret.key: Opening...",
        "ephemeral.secret.derived[\"a\"]: Opening...",
        "ephemeral.secret.derived[\"a\"]: Closing...",
        "ephemeral.secret.key: Closing...",
    ];
    assert_eq!(opened(&planned), order);
    nothing_holds_it(stack.path(), &planned);
    let applied = good(&stack, &["apply", "p"]);
    assert_eq!(opened(&applied), order);
    let at = |text: &str| applied.find(text).unwrap_or_else(|| panic!("{text} in {applied}"));
    let used = at("terraform_data.first: Creation complete");
    assert!(at("derived[\"a\"]: Opening complete") < used);
    assert!(used < at("derived[\"a\"]: Closing..."));
    nothing_holds_it(stack.path(), &applied);
    let shown = good(&stack, &["show", "-json", "p"]) + &good(&stack, &["show", "-json"]);
    nothing_holds_it(stack.path(), &shown);
    // Nothing is to be done, so that nothing is opened by apply.
    let again = good(&stack, &["apply", "-auto-approve"]);
    assert_eq!(opened(&again), order);
    let destroyed = good(&stack, &["destroy", "-auto-approve"]);
    assert!(opened(&destroyed).is_empty(), "{destroyed}");
}

#[test]
fn what_is_opened_is_closed_after_a_failure_too() {
    let failing = USED.replace("test \\\"$KEY", "exit 3; test \\\"$KEY");
    let stack = Stack::new(&[("main.hcl", &failing)]);
    let said = run(&stack, &["apply", "-auto-approve"]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    let closed = said.stdout.matches("Closing complete").count();
    assert_eq!(closed, 4, "two while planning, two while applying: {}", said.stdout);
    assert!(said.stdout.contains("skipped: terraform_data.second"), "{}", said.stdout);
    nothing_holds_it(stack.path(), &(said.stdout + &said.stderr));
}

#[test]
fn messages_tell_of_each_step() {
    let stack = Stack::new(&[("main.hcl", USED)]);
    let text = good(&stack, &["apply", "-auto-approve", "-json"]);
    nothing_holds_it(stack.path(), &text);
    let messages =
        text.lines().map(|line| -> serde_json::Value { serde_json::from_str(line).expect("JSON") });
    let about: Vec<String> = messages
        .filter(|message| message["hook"]["resource"]["addr"] == "ephemeral.secret.key")
        .map(|message| format!("{} {}", message["type"], message["hook"]["action"]))
        .collect();
    let once = [
        "\"ephemeral_op_start\" \"open\"",
        "\"ephemeral_op_complete\" \"open\"",
        "\"ephemeral_op_start\" \"close\"",
        "\"ephemeral_op_complete\" \"close\"",
    ];
    assert_eq!(about, [once, once].concat(), "once while planning, once while applying");
}

#[test]
fn wrong_blocks_and_uses_are_said_before_anything_is_opened() {
    let uses = [
        ("input = ephemeral.secret.key.value", "Invalid use of ephemeral value"),
        ("count = ephemeral.secret.key.value", "ephemeral"),
        ("input = ephemeral.secret.other.value", "Reference to undeclared resource"),
    ];
    for (argument, expected) in uses {
        let text = format!(
            "ephemeral \"secret\" \"key\" {{ env = \"API_KEY\" }}\nresource \"terraform_data\" \"a\" {{ {argument} }}\n"
        );
        let said = run(&Stack::new(&[("main.hcl", &text)]), &["validate"]);
        assert_eq!(said.code, 1, "{argument}");
        assert!(said.stderr.contains(expected), "{argument}: {}", said.stderr);
    }
    let text = "ephemeral \"secret\" \"key\" {\n  env = \"API_KEY\"\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n";
    let said = run(&Stack::new(&[("main.hcl", text)]), &["validate"]);
    assert!(said.stderr.contains("Invalid ephemeral resource lifecycle argument"), "{said:?}");
    let output = "ephemeral \"secret\" \"key\" { env = \"API_KEY\" }\noutput \"o\" { value = ephemeral.secret.key.value }\n";
    let said = run(&Stack::new(&[("main.hcl", output)]), &["plan"]);
    assert!(said.stderr.contains("Ephemeral value not allowed"), "{said:?}");
}

#[test]
fn a_secret_that_is_not_there_is_an_error_at_its_line() {
    let stack = Stack::new(&[("main.hcl", USED)]);
    let said = stack.run(&["plan"]);
    assert_eq!(said.code, 1);
    for part in ["Secret not found", "main.hcl:3", "API_KEY is not set", "Opening failed"] {
        let all = said.stdout.clone() + &said.stderr;
        assert!(all.contains(part), "{part}: {all}");
    }
}

/// A page that only those see who show the secret; its address, and how often it was refused.
fn guarded_page() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/a.csv", listener.local_addr().expect("bound"));
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    // It ends with the process of the test.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let wanted = format!("authorization: Bearer {SECRET}");
            let mut shown = false;
            for line in lines.by_ref().take_while(|line| !line.is_empty()) {
                shown |= line.eq_ignore_ascii_case(&wanted);
            }
            drop(lines);
            let answer = if shown {
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nid,x\n1,2\n"
            } else {
                count.fetch_add(1, Ordering::SeqCst);
                "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, refused)
}

#[test]
fn a_write_only_argument_reaches_the_server_and_nothing_else() {
    let (address, refused) = guarded_page();
    let text = |version: u32| {
        format!(
            r#"
cloud "here" {{
  driver = "local"
}}

ephemeral "secret" "key" {{
  env = "API_KEY"
}}

bucket "data" {{
  cloud = cloud.here
}}

dataset "raw" {{
  source                   = "{address}"
  destination              = "${{bucket.data.url}}/raw/"
  authorization_wo         = "Bearer ${{ephemeral.secret.key.value}}"
  authorization_wo_version = {version}
}}
"#
        )
    };
    let stack = Stack::new(&[("main.hcl", &text(1))]);
    let planned = good(&stack, &["plan", "-out=p"]);
    let applied = good(&stack, &["apply", "p"]);
    let objects = ".skyform/local/here/buckets/data/objects/raw/a.csv";
    assert_eq!(stack.read(objects), "id,x\n1,2\n");
    assert_eq!(refused.load(Ordering::SeqCst), 0);
    nothing_holds_it(stack.path(), &(planned + &applied));
    let again = run(&stack, &["plan", "-detailed-exitcode"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    stack.write("main.hcl", &text(2));
    let changed = good(&stack, &["apply", "-auto-approve"]);
    assert!(changed.contains("1 changed"), "{changed}");
    let shown = good(&stack, &["show", "-json"]);
    assert!(shown.contains("\"authorization_wo\":null"), "{shown}");
    nothing_holds_it(stack.path(), &(changed + &shown));
    // Whoever does not know it is refused, which is an error at the source's line.
    let stranger = stack.command(&["plan"]).env("API_KEY", "wrong").output().expect("it runs");
    let stranger = said(&stranger);
    assert_eq!(stranger.code, 1);
    assert!(stranger.stderr.contains("authorization_wo is sent"), "{}", stranger.stderr);
}

//! A plan with everything in it, as text, Markdown, HTML and JSON, against what is kept in testdata/shown.
//!
//! `UPDATE_GOLDENS=1` writes the files anew; read each line of the difference then.

use crate::cases::is_id;
use crate::stack::{Stack, project};

fn planned() -> Stack {
    let folder = project().join("testdata/shown");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("readable");
    let stack = Stack::new(&[("main.tf", &read("before.tf"))]);
    stack.good(&["apply", "-auto-approve"]);
    stack.write("main.tf", &read("after.tf"));
    stack.good(&["plan", "-out=p"]);
    stack
}

/// Without what is different in each run: ids and the time.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    for line in text.lines() {
        let mut parts: Vec<&str> = line.split("&quot;").collect();
        let quoted = if parts.len() > 1 { "&quot;" } else { "\"" };
        if parts.len() == 1 {
            parts = line.split('"').collect();
        }
        let parts: Vec<&str> =
            parts.into_iter().map(|part| if is_id(part) { "ID" } else { part }).collect();
        let line = parts.join(quoted);
        let line = if line.starts_with("<p>Made ") { "<p>Made TIME.</p>" } else { &line };
        steady.push_str(line);
        steady.push('\n');
    }
    steady
}

fn check(name: &str, arguments: &[&str]) {
    let stack = planned();
    let shown = steady(&stack.good(arguments));
    assert!(!shown.contains("s3cret"), "a secret is shown");
    keep(name, &shown);
}

/// Compares with the kept file.
fn keep(name: &str, shown: &str) {
    let path = project().join("testdata/shown").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, shown).expect("written");
    }
    let kept = std::fs::read_to_string(&path).expect("readable");
    assert_eq!(shown, kept, "{name} has changed; UPDATE_GOLDENS=1 writes it anew");
}

#[test]
fn as_text() {
    check("plan.txt", &["show", "p"]);
}

#[test]
fn as_markdown() {
    check("plan.md", &["show", "-markdown", "p"]);
}

#[test]
fn as_html() {
    check("plan.html", &["show", "-html", "p"]);
}

#[test]
fn as_json() {
    let stack = planned();
    let mut document = stack.json(&["show", "-json", "p"]);
    document["timestamp"] = "TIME".into();
    let shown = steady(&format!("{document:#}\n"));
    keep("plan.json", &shown);
}

//! `console`: piped, and in a terminal of the test's own.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::stack::Stack;

const MAIN: &str = r#"
variable "name" { default = "web" }
locals {
  network = { cidr = "10.0.0.0/16", zones = ["a", "b"] }
}
resource "terraform_data" "server" { input = var.name }
"#;

/// The console in a terminal, and the user before it.
struct Terminal {
    child: Child,
    keyboard: File,
    shown: Arc<Mutex<String>>,
    /// How much of what was shown has been looked at.
    seen: usize,
}

impl Terminal {
    fn open(stack: &Stack) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).expect("it is ours");
        let name = ptsname(&keyboard, Vec::new()).expect("it has a name");
        let name = name.to_str().expect("text");
        let end = File::options().read(true).write(true).open(name).expect("its other end");
        let mut command = stack.command(&["console"]);
        command.env("XDG_STATE_HOME", stack.path().join("home")).env("TERM", "xterm");
        let copy = || Stdio::from(end.try_clone().expect("a copy"));
        let child = command.stdin(copy()).stdout(copy()).stderr(copy()).spawn();
        let keyboard = File::from(keyboard);
        let mut screen = keyboard.try_clone().expect("a copy");
        let shown = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading fails when the program has gone.
            while let Ok(length @ 1..) = screen.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                kept.lock().expect("not poisoned").push_str(&text);
            }
        });
        let child = child.expect("the program runs");
        let mut terminal = Self { child, keyboard, shown, seen: 0 };
        terminal.sees("> ");
        terminal
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits until something is shown that was not looked at before; what stood before it.
    fn sees(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let shown = self.shown.lock().expect("not poisoned").clone();
            if let Some(at) = shown[self.seen..].find(text) {
                let before = shown[self.seen..self.seen + at].to_owned();
                self.seen += at + text.len();
                return before;
            }
            let unseen = &shown[self.seen..];
            assert!(begun.elapsed() < Duration::from_secs(60), "no {text:?} in {unseen:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The exit code.
    fn ends(mut self) -> i32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status.code().expect("it was not killed");
            }
            if begun.elapsed() > Duration::from_secs(60) {
                self.child.kill().expect("it can be killed");
                panic!("it goes on: {:?}", self.shown.lock());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_terminal_goes_on_behind_a_mistake_and_keeps_its_history() {
    let stack = Stack::new(&[("main.tf", MAIN)]);
    let mut terminal = Terminal::open(&stack);
    terminal.types("var.nome\r");
    terminal.sees("Did you mean \"name\"?");
    terminal.types("upper(var.name)\r");
    terminal.sees("\"WEB\"");
    // A bracket that is open goes on in the next line.
    terminal.types("[\r1]\r");
    terminal.sees("[\r\n  1,\r\n]");
    terminal.types("exit\r");
    assert_eq!(terminal.ends(), 0);
    let mut terminal = Terminal::open(&stack);
    // The last but three: exit, the list, upper().
    terminal.types("\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[A\r");
    terminal.sees("\"WEB\"");
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 0);
    let history = stack.read("home/skyform/console-history");
    assert!(history.contains("upper(var.name)"), "{history}");
}

#[test]
fn names_are_completed() {
    let stack = Stack::new(&[("main.tf", MAIN)]);
    let mut terminal = Terminal::open(&stack);
    for (keys, expected) in [
        ("var.na\t\r", "\"web\""),
        ("local.net\t.ci\t\r", "\"10.0.0.0/16\""),
        ("toup\u{8}\u{8}\u{8}\u{8}uppe\t\"a\")\r", "\"A\""),
        ("\"${local.network.z\t[1]}!\"\r", "\"b!\""),
    ] {
        terminal.types(keys);
        terminal.sees(expected);
    }
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn an_interrupt_takes_back_a_line_and_ends_an_empty_one() {
    let stack = Stack::new(&[("main.tf", MAIN)]);
    let mut terminal = Terminal::open(&stack);
    terminal.types("1 + 41");
    terminal.sees("1 + 41");
    terminal.types("\u{3}");
    terminal.sees("> ");
    terminal.types("40 + 2\r");
    assert!(!terminal.sees("42").contains("Error"));
    terminal.sees("> ");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(), 0);
}

fn piped(stack: &Stack, text: &str) -> (i32, String, String) {
    let mut command = stack.command(&["console"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
}

#[test]
fn piped_expressions_may_have_several_lines() {
    let stack = Stack::new(&[("main.tf", MAIN)]);
    let text = "{\n  a = \"(\"\n}\n<<EOT\nhello ${var.name}\nEOT\n\ntype([1])\nexit\n1\n";
    let (code, out, problems) = piped(&stack, text);
    let expected = "{\n  \"a\" = \"(\"\n}\n<<EOT\nhello web\n\nEOT\ntuple([\n    number,\n])\n";
    assert_eq!((code, out.as_str(), problems.as_str()), (0, expected, ""));
}

#[test]
fn a_piped_mistake_ends_it() {
    let stack = Stack::new(&[("main.tf", MAIN)]);
    let (code, out, problems) = piped(&stack, "1\nvar.nome\n2\n");
    assert_eq!((code, out.as_str()), (1, "1\n"));
    assert!(problems.contains("<console>:1"), "{problems}");
    let (code, out, problems) = piped(&stack, "1\n[2,\n");
    assert_eq!((code, out.as_str()), (1, "1\n"), "{problems}");
    assert!(problems.contains("Error"), "{problems}");
}

#[test]
fn help_is_given() {
    let stack = Stack::new(&[]);
    let (code, out, _) = piped(&stack, "help\n");
    assert_eq!(code, 0);
    assert!(out.contains("Type an expression"), "{out}");
    assert!(stack.good(&["help"]).contains("Commands:"));
    assert!(stack.good(&["help", "plan"]).contains("-detailed-exitcode"));
    assert_eq!(stack.run(&["help", "nothing"]).code, 64);
}

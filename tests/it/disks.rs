//! Folders that cannot be written, and disks that are full.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::stack::Stack;

const TEXT: &str =
    "resource \"terraform_data\" \"a\" {\n  count = 300\n  input = \"v-${count.index}\"\n}\n";

fn not_run(why: &str) {
    let _ = writeln!(std::io::stderr(), "NOT RUN: {why}");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn set_mode(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("it is ours");
}

/// Runs the program as somebody whom permissions hold for: root's user is nobody then.
fn run_as_nobody(stack: &Stack, program: &Path, arguments: &[&str]) -> Output {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(stack.path()).env("NO_COLOR", "1");
    if is_root() {
        command.uid(65534);
    }
    command.output().expect("the program runs")
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_nothing_is_changed() {
    let stack = Stack::new(&[("main.tf", TEXT)]);
    stack.good(&["apply", "-auto-approve", "-parallelism=2"]);
    stack.write("main.tf", &TEXT.replace("300", "301"));
    // A copy that others may run, too.
    let programs = tempfile::tempdir().expect("a folder");
    let program = programs.path().join("skyform");
    std::fs::copy(env!("CARGO_BIN_EXE_skyform"), &program).expect("copied");
    for path in [programs.path(), &program] {
        set_mode(path, 0o755);
    }
    for file in ["main.tf", "terraform.tfstate"] {
        set_mode(&stack.path().join(file), 0o444);
    }
    set_mode(stack.path(), 0o555);
    let before = stack.read("terraform.tfstate");
    let output = run_as_nobody(&stack, &program, &["apply", "-auto-approve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let looked = run_as_nobody(&stack, &program, &["plan", "-lock=false"]);
    set_mode(stack.path(), 0o755);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("State could not be read or written"), "{said}");
    assert!(said.contains("The folder must be writable"), "{said}");
    assert_eq!(stack.read("terraform.tfstate"), before);
    let shown = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert_eq!(looked.status.code(), Some(0), "{shown}");
    assert!(shown.contains("1 to add, 0 to change, 0 to destroy"), "{shown}");
}

/// A small disk, for as long as this lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, size: &str) -> Option<Self> {
        if !is_root() {
            not_run("only root may mount a small disk");
            return None;
        }
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=755"), "tmpfs"])
            .arg(at)
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            not_run("a small disk cannot be mounted here");
            return None;
        }
        Some(Self(at.to_owned()))
    }
}

impl SmallDisk {
    fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        let grown = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(grown.is_ok_and(|status| status.success()), "it grows");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_the_old_state_is_whole() {
    let outer = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(outer.path(), "768k") else { return };
    let stack = Stack::within(&disk.0, &[("main.tf", TEXT)]);
    stack.good(&["apply", "-auto-approve"]);
    let before = stack.read("terraform.tfstate");
    // Ten times as much as there is room for.
    stack.write("main.tf", &TEXT.replace("300", "5000"));
    let said = stack.run(&["apply", "-auto-approve"]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(said.stderr.contains("No space left on device"), "{}", said.stderr);
    assert!(said.stdout.contains("(the journal cannot be written)"), "nothing new is begun");
    assert!(said.stderr.len() < 5000, "and it is not said for each of them");
    assert_eq!(stack.read("terraform.tfstate"), before, "the old state is whole");
    // With more room it goes on.
    disk.grow("32m");
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    drop(stack);
}

//! A folder with a configuration, and the program run in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The project's folder: of the tree that is tested, which need not be the one that was compiled, since
/// several trees may share what was built.
pub(crate) fn project() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo tells it").into()
}

/// A stack in a scratch folder.
pub(crate) struct Stack {
    folder: tempfile::TempDir,
}

/// What a run of the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stack {
    /// A stack of these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::of(tempfile::tempdir().expect("a scratch folder"), files)
    }

    /// A stack of these files in a scratch folder in another one.
    pub(crate) fn within(outer: &Path, files: &[(&str, &str)]) -> Self {
        Self::of(tempfile::tempdir_in(outer).expect("a scratch folder"), files)
    }

    fn of(folder: tempfile::TempDir, files: &[(&str, &str)]) -> Self {
        let stack = Self { folder };
        for (name, text) in files {
            stack.write(name, text);
        }
        stack
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("readable")
    }

    /// The program, to be run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skyform"));
        command.args(arguments).current_dir(self.path()).env("NO_COLOR", "1");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TF_") {
                command.env_remove(name);
            }
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().expect("the program runs"))
    }

    /// Runs it, and fails the test if it does not end well.
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.stdout, said.stderr);
        said.stdout
    }

    /// Runs it, and fails the test if it does end well.
    pub(crate) fn bad(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 1, "{arguments:?}: {}{}", said.stdout, said.stderr);
        said.stderr
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.good(arguments)).expect("JSON")
    }
}

impl Stack {
    /// Terraform, run here; none where it is not on PATH.
    pub(crate) fn terraform(&self, arguments: &[&str]) -> Option<Said> {
        let mut command = Command::new("terraform");
        command.args(arguments).current_dir(self.path());
        command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        Some(said(&command.output().ok()?))
    }
}

/// Whether Terraform is here; says visibly if not.
pub(crate) fn is_terraform_here() -> bool {
    let here = Stack::new(&[]).terraform(&["version"]).is_some_and(|said| said.code == 0);
    if !here {
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "NOT RUN: terraform is not on PATH");
    }
    here
}

/// Kills a process as soon as something has come about; 1 if it was still running then.
pub(crate) fn kill_when(child: &mut std::process::Child, come_about: impl Fn() -> bool) -> u32 {
    let running = loop {
        match child.try_wait().expect("it can be asked") {
            Some(_) => break false,
            None if come_about() => break true,
            None => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    u32::from(running)
}

pub(crate) fn said(output: &Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

//! Keys that a command prints.

use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::keys::{KeyError, Keys};

/// A command that prints a key in base64, the same each time.
#[derive(Clone, Debug)]
pub struct CommandKeys {
    /// The program and its arguments.
    pub command: Vec<String>,
}

impl CommandKeys {
    fn run(&self) -> Result<Vec<u8>, KeyError> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(KeyError("there is no command".to_owned()));
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        let output = command.output().map_err(|error| KeyError(format!("{program}: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or_default();
            return Err(KeyError(format!("{program} ended with {}: {said}", output.status)));
        }
        // What it printed is secret, also when it is not what it should be.
        let text = String::from_utf8_lossy(&output.stdout);
        let key = STANDARD.decode(text.trim());
        key.map_err(|_| KeyError(format!("{program} did not print a key in base64")))
    }
}

impl Keys for CommandKeys {
    fn new_key(&self) -> Result<(Vec<u8>, Json), KeyError> {
        Ok((self.run()?, json!({})))
    }

    fn key(&self, _noted: &Json) -> Result<Vec<u8>, KeyError> {
        self.run()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str) -> CommandKeys {
        CommandKeys { command: ["sh", "-c", script].map(str::to_owned).to_vec() }
    }

    #[test]
    fn a_command_prints_the_key_or_it_is_said_why_not() {
        assert_eq!(of("echo AAECAw==").run(), Ok(vec![0, 1, 2, 3]));
        let table = [
            ("echo no; echo locked >&2; exit 3", "locked"),
            ("echo '!secret!'", "did not print a key"),
        ];
        for (script, expected) in table {
            let KeyError(said) = of(script).run().expect_err("no key");
            assert!(said.contains(expected) && !said.contains("!secret!"), "{said}");
        }
        assert!(CommandKeys { command: Vec::new() }.run().is_err());
    }
}

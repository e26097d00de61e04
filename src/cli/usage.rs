//! What is said of a command line that cannot be run: help, or what is wrong with it.

use clap::error::ErrorKind;
use skyform_diag::{Diagnostic, Location};

use super::project::no_sources;
use super::stream::Stream;
use super::{EXIT_OK, EXIT_USAGE};

/// Commands that write a stream of messages with `-json`.
const STREAMING: [&str; 4] = ["plan", "apply", "destroy", "refresh"];

/// Says it in the form that the command line asks for; the exit code.
pub(super) fn refuse(error: &clap::Error, arguments: &[String]) -> u8 {
    if error.use_stderr() && wants_stream(arguments) {
        Stream::begin().report(&diagnostic(error).into(), &no_sources());
        return EXIT_USAGE;
    }
    // Clap knows which stream help and errors belong to.
    let _ = error.print();
    if error.use_stderr() { EXIT_USAGE } else { EXIT_OK }
}

fn wants_stream(arguments: &[String]) -> bool {
    let mut words = arguments.iter().skip(1).filter(|argument| !argument.starts_with('-'));
    let is_streaming = words.next().is_some_and(|word| STREAMING.contains(&word.as_str()));
    is_streaming && arguments.iter().any(|argument| argument == "--json")
}

fn diagnostic(error: &clap::Error) -> Diagnostic {
    let summary = match error.kind() {
        ErrorKind::ArgumentConflict => "Incompatible options",
        _ => "Invalid command line",
    };
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    Diagnostic::error(Location::input("command line"), summary, format!("{first}."))
        .hint("\"skyform COMMAND -help\" shows the options of a command.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_streaming_commands_with_json_get_messages() {
        for (line, expected) in [
            ("skyform plan --json --refresh-only", true),
            ("skyform --chdir=x apply --json", true),
            ("skyform plan --refresh-only", false),
            ("skyform show --json", false),
            ("skyform --json", false),
        ] {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(wants_stream(&arguments), expected, "{line}");
        }
    }
}

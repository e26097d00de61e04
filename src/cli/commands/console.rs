//! `console`: evaluates expressions from a terminal, or from standard input line by line.

use std::io::{BufRead as _, IsTerminal as _};

use skyform_engine::console_values;
use skyform_lang::syntax;

use crate::cli::arguments::ConsoleArgs;
use crate::cli::console::{Answer, Session, run_in_terminal};
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &ConsoleArgs) -> u8 {
    let (project, diagnostics) = project::open(context, &args.variables);
    // An empty folder is good enough to compute in.
    let empty = project.config.modules[0].source.dir.as_os_str().is_empty();
    if diagnostics.has_errors() && !empty {
        return context.report(&diagnostics, &project.config.sources, false);
    }
    let ledger = match project::read_state(context) {
        Ok(ledger) => ledger,
        Err(problems) => return context.report(&problems, &project.config.sources, false),
    };
    let values = console_values(&project.config, &project.providers, ledger.state());
    let session = Session { context, project, values };
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        run_in_terminal(session)
    } else {
        run_piped(session)
    }
}

/// Answers each expression; the first that is wrong ends it.
fn run_piped(mut session: Session<'_>) -> u8 {
    let mut text = String::new();
    let lines = std::io::stdin().lock().lines().map_while(Result::ok);
    // What is still open at the end is answered, too: by what is wrong with it.
    for line in lines.map(Some).chain([None]) {
        match line {
            Some(line) => {
                text.push_str(&line);
                if syntax::is_unfinished(&text) {
                    text.push('\n');
                    continue;
                }
            }
            None if text.is_empty() => break,
            None => {}
        }
        match session.answer(&std::mem::take(&mut text)) {
            Answer::Text(text) => session.context.print(&text),
            Answer::Wrong(problems) => {
                session.report(&problems);
                return EXIT_ERROR;
            }
            Answer::End => break,
        }
    }
    EXIT_OK
}

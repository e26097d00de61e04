//! Asks for values of root variables that have none, one after the other.

use std::io::{self, BufRead as _, IsTerminal as _, Write};

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_lang::config::parse_variable_text;
use skyform_value::Str;

use super::project::Project;

/// Asks on standard error, and reads the answers from standard input. What is not answered stays
/// without a value, which evaluation reports.
pub(crate) fn ask_missing(project: &mut Project, may_ask: bool) -> Diagnostics {
    if !may_ask {
        return Diagnostics::new();
    }
    let mut stderr = std::io::stderr();
    let is_terminal = std::io::stdin().is_terminal();
    ask(project, &mut |secret| read_answer(secret && is_terminal), &mut stderr, is_terminal)
}

/// A line of the input; none at its end. What is secret does not appear on the screen.
fn read_answer(secret: bool) -> io::Result<Option<String>> {
    if secret {
        return console::Term::stderr().read_secure_line().map(Some);
    }
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer)?;
    Ok((read > 0).then_some(answer))
}

fn ask(
    project: &mut Project,
    read: &mut dyn FnMut(bool) -> io::Result<Option<String>>,
    to: &mut dyn Write,
    is_terminal: bool,
) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let root = project.config.modules[0].source.clone();
    let missing = root.variables.values().filter(|variable| {
        variable.default.is_none() && !project.inputs.contains_key(&variable.name)
    });
    for variable in missing.collect::<Vec<_>>() {
        let name = variable.name.as_str();
        if is_terminal {
            let about = variable.description.as_deref().map(|text| format!("  {text}\n"));
            let question = format!("var.{name}\n{}\n  Enter a value: ", about.unwrap_or_default());
            let _ = to.write_all(question.as_bytes()).and_then(|()| to.flush());
        }
        let answer = match read(variable.sensitive) {
            Ok(Some(answer)) => answer,
            // The end of the input answers nothing.
            Ok(None) => return problems,
            Err(error) => {
                let place = Location::input("standard input");
                problems.push(Diagnostic::error(place, "Unreadable answer", format!("{error}.")));
                return problems;
            }
        };
        let answer = answer.trim_end_matches(['\r', '\n']);
        let given = format!("the answer for var.{name}");
        let ty = variable.typed.then_some(&variable.constraint.ty);
        let sources = &mut project.config.sources;
        let parsed = parse_variable_text(name, answer, ty, &given, sources);
        if let Some(value) = problems.take(parsed) {
            project.inputs.insert(Str::from(name), value);
        }
    }
    problems
}

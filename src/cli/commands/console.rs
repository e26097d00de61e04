//! `console`: evaluates what comes on standard input, line by line.

use std::io::{BufRead as _, IsTerminal as _};

use skyform_diag::Diagnostics;
use skyform_engine::console_values;
use skyform_lang::config::ModuleId;
use skyform_lang::{Evaluator, Scope, syntax};
use skyform_value::{ModuleInstance, to_console};

use crate::cli::arguments::ConsoleArgs;
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &ConsoleArgs) -> u8 {
    let (mut project, diagnostics) = project::open(context, &args.variables);
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
    let interactive = std::io::stdin().is_terminal();
    let mut code = EXIT_OK;
    let mut pending = String::new();
    if interactive {
        context.print("> ");
    }
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if pending.is_empty() && matches!(line.trim(), "exit" | "quit") {
            break;
        }
        pending.push_str(&line);
        if is_open(&pending) {
            pending.push('\n');
            continue;
        }
        let text = std::mem::take(&mut pending);
        if !text.trim().is_empty() {
            match evaluate(context, &mut project, &values, &text) {
                Ok(printed) => context.print(&format!("{printed}\n")),
                Err(errors) => {
                    context.report(&errors, &project.config.sources, false);
                    code = EXIT_ERROR;
                    if !interactive {
                        return code;
                    }
                }
            }
        }
        if interactive {
            context.print("> ");
        }
    }
    if interactive { EXIT_OK } else { code }
}

/// Whether brackets are still open, so that the next line belongs to the expression too.
fn is_open(text: &str) -> bool {
    let mut depth = 0_i32;
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth > 0 && !quoted
}

fn evaluate(
    context: &Context,
    project: &mut project::Project,
    values: &skyform_engine::ConsoleValues,
    text: &str,
) -> Result<String, Diagnostics> {
    let id = project.config.sources.add("<console>", text);
    let expression = syntax::parse_expression(id, text)?;
    let world = context.world();
    let environment = skyform_lang::eval::Environment {
        files: world.files,
        working_dir: world.working_dir,
        root_dir: world.root_dir,
        workspace: world.workspace,
        plan_timestamp: Some(world.now),
        now: Some(world.now),
        random: world.random,
    };
    let evaluator = Evaluator::new(&project.config, values, &project.inputs, environment);
    let scope = Scope::new(ModuleId(0), ModuleInstance::root());
    let value = evaluator.evaluate(&expression, &scope)?;
    // What `type` says is not text but a type, and stands as it is.
    let asks_type =
        matches!(&*expression.kind, syntax::ExprKind::Call { name, .. } if name == "type");
    match value.as_str().filter(|_| asks_type) {
        Some(ty) => Ok(ty.to_owned()),
        None => Ok(to_console(&value)),
    }
}

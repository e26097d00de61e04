//! Expressions one after the other, over a configuration and what is stored.

use skyform_diag::Diagnostics;
use skyform_engine::ConsoleValues;
use skyform_lang::config::{Module, ModuleId};
use skyform_lang::{Evaluator, Scope, eval, syntax};
use skyform_value::{Kind, ModuleInstance, Value, to_console};

use crate::cli::context::Context;
use crate::cli::project::Project;

const HELP: &str = "\
Type an expression, and its value is printed. It can use the configuration in this folder,
the values of its variables, and what the state knows: var.NAME, local.NAME, TYPE.NAME,
data.TYPE.NAME, module.NAME. type(EXPRESSION) prints a type. An expression goes on in the
next line while a bracket is open. Nothing is changed.

\"exit\", Ctrl-D, or Ctrl-C on an empty line ends the console.
";

/// What a line asks for.
pub(crate) enum Answer {
    /// Text for standard output.
    Text(String),
    /// The line is wrong.
    Wrong(Diagnostics),
    /// The session is over.
    End,
}

pub(crate) struct Session<'a> {
    pub context: &'a Context,
    pub project: Project,
    pub values: ConsoleValues,
}

impl Session<'_> {
    /// Answers a whole expression or a word of the console's own.
    pub(crate) fn answer(&mut self, text: &str) -> Answer {
        match text.trim() {
            "" => Answer::Text(String::new()),
            "exit" | "quit" => Answer::End,
            "help" => Answer::Text(HELP.to_owned()),
            _ => match self.printed(text) {
                Ok(printed) => Answer::Text(format!("{printed}\n")),
                Err(problems) => Answer::Wrong(problems),
            },
        }
    }

    /// Writes diagnostics about what was answered; the exit code that they call for.
    pub(crate) fn report(&self, problems: &Diagnostics) -> u8 {
        self.context.report(problems, &self.project.config.sources, false)
    }

    /// The root module.
    pub(crate) fn root(&self) -> &Module {
        &self.project.config.modules[0]
    }

    /// Names of the attributes, or keys, of what an expression gives; none if it gives nothing that has any.
    pub(crate) fn attributes(&mut self, text: &str) -> Vec<String> {
        let Ok((_, value)) = self.evaluate(text) else { return Vec::new() };
        match value.kind() {
            Kind::Object(items) => items.keys().map(ToString::to_string).collect(),
            Kind::Map(map) => map.items.keys().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    fn printed(&mut self, text: &str) -> Result<String, Diagnostics> {
        let (expression, value) = self.evaluate(text)?;
        // What `type` says is not text but a type, and stands as it is.
        let asks_type =
            matches!(&*expression.kind, syntax::ExprKind::Call { name, .. } if name == "type");
        match value.as_str().filter(|_| asks_type) {
            Some(ty) => Ok(ty.to_owned()),
            None => Ok(to_console(&value)),
        }
    }

    fn evaluate(&mut self, text: &str) -> Result<(syntax::Expr, Value), Diagnostics> {
        let id = self.project.config.sources.add("<console>", text);
        let expression = syntax::parse_expression(id, text)?;
        let world = self.context.world();
        let environment = eval::Environment {
            files: world.files,
            working_dir: world.working_dir,
            root_dir: world.root_dir,
            workspace: world.workspace,
            plan_timestamp: Some(world.now),
            now: Some(world.now),
            random: world.random,
        };
        let project = &self.project;
        let evaluator = Evaluator::new(&project.config, &self.values, &project.inputs, environment);
        let scope = Scope::new(ModuleId(0), ModuleInstance::root());
        let value = evaluator.evaluate(&expression, &scope)?;
        Ok((expression, value))
    }
}

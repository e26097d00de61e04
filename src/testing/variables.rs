//! Values of variables for a run: given outside, in the file, and in the run. Later ones win.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_engine::ConsoleValues;
use skyform_lang::config::{ModuleId, Reference, Subject, VariableValue};
use skyform_lang::eval::Environment;
use skyform_lang::syntax::Expr;
use skyform_lang::{Evaluator, Scope};
use skyform_value::{ModuleInstance, Str, Value, convert};

use crate::suite::{Machine, Suite};

/// Names that expressions of a test file may use.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// Values of variables by name.
    pub variables: BTreeMap<Str, Value>,
    /// Outputs of the runs before, by run.
    pub runs: IndexMap<Str, Value>,
    /// Names of all runs of the file.
    all_runs: Vec<Str>,
}

impl Names {
    fn scope(&self) -> Scope {
        let variables = self.variables.iter().map(|(name, value)| (name.clone(), value.clone()));
        let runs = self.runs.iter().map(|(name, value)| (name.clone(), value.clone()));
        Scope::new(ModuleId(0), ModuleInstance::root())
            .with_name("var", Value::object(variables))
            .with_name("run", Value::object(runs))
    }

    /// What is wrong with a reference to a run, if it is one.
    pub(crate) fn run_problem(&self, reference: &Reference) -> Option<Diagnostic> {
        let name = run_name(reference)?;
        if self.runs.contains_key(name) {
            return None;
        }
        let rule = "Only runs of the same file that come before this one can be referred to.";
        if self.all_runs.contains(name) {
            return Some(error_at!(
                reference.span,
                "Reference to unavailable run block",
                "The run \"{name}\" has not been carried out. {rule}"
            ));
        }
        let known = self.runs.keys().map(Str::as_str);
        Some(
            error_at!(
                reference.span,
                "Reference to unknown run block",
                "There is no run \"{name}\" in this file. {rule}"
            )
            .did_you_mean(name, known),
        )
    }

    /// The value of an expression that may refer to variables and to runs before.
    pub(crate) fn evaluate(
        &self,
        suite: &Suite,
        module: &crate::Module,
        expr: &Expr,
    ) -> Result<Value, Diagnostics> {
        let mut problems = Diagnostics::new();
        for reference in expr.references() {
            match &reference.subject {
                Subject::Variable(name) if !self.variables.contains_key(name) => problems.push(
                    error_at!(
                        reference.span,
                        "Reference to unavailable variable",
                        "No value was given for a variable \"{name}\" for this file."
                    )
                    .did_you_mean(name, self.variables.keys().map(Str::as_str)),
                ),
                Subject::Variable(_) | Subject::Path(_) | Subject::Terraform(_) => {}
                _ if run_name(&reference).is_some() => problems.extend(self.run_problem(&reference)),
                _ => problems.push(error_at!(
                    reference.span,
                    "Invalid reference",
                    "Only variables of the file (var.NAME) and outputs of runs before this one (run.NAME.OUTPUT) can be referred to here."
                )),
            }
        }
        problems.into_result(())?;
        let values = ConsoleValues::default();
        let inputs = BTreeMap::new();
        let root = &module.config.modules[0].source.dir;
        let environment = environment(&suite.machine, root, true);
        let evaluator = Evaluator::new(&module.config, &values, &inputs, environment);
        evaluator.evaluate(expr, &self.scope())
    }
}

/// The run that a reference is about.
fn run_name(reference: &Reference) -> Option<&Str> {
    match &reference.subject {
        Subject::Resource(key, _) if key.type_name == "run" => Some(&key.name),
        _ => None,
    }
}

/// What evaluation sees of the machine; before an apply the time is not known.
pub(crate) fn environment<'a>(
    machine: &'a Machine,
    root_dir: &'a Path,
    is_applied: bool,
) -> Environment<'a> {
    let world = machine.world(root_dir);
    Environment {
        files: world.files,
        working_dir: world.working_dir,
        root_dir: world.root_dir,
        workspace: world.workspace,
        plan_timestamp: Some(world.now),
        now: is_applied.then_some(world.now),
        random: world.random,
    }
}

/// The variables of a run: the values of those that its module declares, and the names that other
/// expressions of the run may use.
pub(crate) fn collect(
    suite: &Suite,
    at: usize,
    run: usize,
    outputs: &IndexMap<Str, Value>,
) -> (BTreeMap<Str, VariableValue>, Names, Diagnostics) {
    let (file, module) = (&suite.files[at], suite.module(at, run));
    let block = &file.runs[run];
    let declared = &module.config.modules[0].source.variables;
    let mut diagnostics = Diagnostics::new();
    let mut given: BTreeMap<Str, VariableValue> = module.inputs.clone();
    let folder = Path::new(&file.name).parent().unwrap_or(Path::new(""));
    given.extend(
        suite.folder_inputs.get(folder).into_iter().flatten().map(|(n, v)| (n.clone(), v.clone())),
    );
    let all_runs = file.runs.iter().map(|run| run.name.clone()).collect();
    let mut names = Names { variables: BTreeMap::new(), runs: IndexMap::new(), all_runs };
    let typed = |name: &Str, value: &Value| match declared.get(name) {
        Some(variable) => convert(value, &variable.constraint.ty).unwrap_or_else(|_| value.clone()),
        None => value.clone(),
    };
    for (name, value) in &given {
        names.variables.insert(name.clone(), typed(name, &value.value));
    }
    let mut own = BTreeMap::new();
    for (name, expr) in
        file.variables.iter().filter(|(name, _)| !block.variables.contains_key(*name))
    {
        if let Some(reference) = expr.references().iter().find(|found| run_name(found).is_some()) {
            diagnostics.push(error_at!(
                reference.span,
                "Invalid reference",
                "Variables of the whole file cannot refer to runs."
            ));
            continue;
        }
        if let Some(value) = diagnostics.take(names.evaluate(suite, module, expr)) {
            own.insert(name.clone(), (value, expr.span));
        }
    }
    names.variables.extend(own.iter().map(|(name, (value, _))| (name.clone(), typed(name, value))));
    names.runs.clone_from(outputs);
    if diagnostics.has_errors() {
        return (given, names, diagnostics);
    }
    let mut of_run = BTreeMap::new();
    for (name, expr) in &block.variables {
        if !declared.contains_key(name) {
            diagnostics.push(
                Diagnostic::warning(
                    expr.span,
                    "Value for undeclared variable",
                    format!("The module under test has no variable \"{name}\", but the run \"{}\" gives a value for it.", block.name),
                )
                .did_you_mean(name, declared.keys().map(Str::as_str)),
            );
        }
        if let Some(value) = diagnostics.take(names.evaluate(suite, module, expr)) {
            of_run.insert(name.clone(), (value, expr.span));
        }
    }
    names
        .variables
        .extend(of_run.iter().map(|(name, (value, _))| (name.clone(), typed(name, value))));
    own.extend(of_run);
    given.extend(
        own.into_iter()
            .map(|(name, (value, span))| (name, VariableValue { value, location: span.into() })),
    );
    given.retain(|name, _| declared.contains_key(name));
    for variable in declared.values() {
        if variable.default.is_none()
            && !given.contains_key(&variable.name)
            && !diagnostics.has_errors()
        {
            let name = &variable.name;
            diagnostics.push(
                error_at!(
                    variable.span,
                    "No value for required variable",
                    "The module under test has the variable \"{name}\", which has no default, and the run \"{}\" gives no value for it.", block.name;
                    hint: "Set it in a \"variables\" block of the file or the run, or with -var {name}=VALUE."
                )
                .related(block.span, "the run"),
            );
        }
    }
    (given, names, diagnostics)
}

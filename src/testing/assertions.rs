//! Assertions of a run: evaluated over what was planned or made.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_engine::{ConsoleValues, Providers, declare_planned, set_stored};
use skyform_lang::config::{Condition, Config, ModuleId, Subject, VariableValue};
use skyform_lang::eval::Outcome;
use skyform_lang::{Evaluator, Scope, syntax};
use skyform_plan::Plan;
use skyform_state::State;
use skyform_value::{Marks, ModuleInstance, Str, Type, Value};

use crate::report::Status;
use crate::suite::Machine;
use crate::variables::{Names, environment};

/// What assertions are evaluated over.
pub(crate) struct Ground<'a> {
    pub machine: &'a Machine,
    pub config: &'a Config,
    pub inputs: &'a BTreeMap<Str, VariableValue>,
    pub providers: &'a Providers,
    pub names: &'a Names,
    /// The plan.
    pub plan: &'a Plan,
    /// The state, if the plan was applied.
    pub state: Option<&'a State>,
}

/// How the assertions of a run came out.
pub(crate) struct Judgement {
    pub status: Status,
    /// How many hold.
    pub held: usize,
    pub diagnostics: Diagnostics,
    /// The outputs, for runs that follow.
    pub outputs: Value,
}

/// Evaluates assertions.
pub(crate) fn judge(ground: &Ground<'_>, asserts: &[Condition]) -> Judgement {
    let values = ConsoleValues::default();
    let root_dir = &ground.config.modules[0].source.dir;
    let environment = environment(ground.machine, root_dir, ground.state.is_some());
    let evaluator = Evaluator::new(ground.config, &values, ground.inputs, environment);
    declare_planned(&values, &evaluator, ground.plan, ground.config);
    if let Some(state) = ground.state {
        set_stored(&values, ground.providers, state);
    }
    let outputs = outputs(ground);
    let mut judgement = Judgement {
        status: Status::Pass,
        held: 0,
        diagnostics: Diagnostics::new(),
        outputs: outputs.clone(),
    };
    let scope = scope(ground, &evaluator, outputs);
    for rule in asserts {
        let (status, problems) = assertion(ground, &evaluator, &scope, rule);
        judgement.held += usize::from(status == Status::Pass);
        judgement.status = judgement.status.max(status);
        judgement.diagnostics.extend(problems);
    }
    judgement
}

/// The root outputs as they are planned or stored.
fn outputs(ground: &Ground<'_>) -> Value {
    let marked = |value: &Value, sensitive: bool| match sensitive {
        true => value.clone().with_marks(Marks::SENSITIVE),
        false => value.clone(),
    };
    let declared = ground.config.modules[0].source.outputs.keys();
    let values = declared.map(|name| {
        let value = match ground.state {
            Some(state) => {
                let stored = state.outputs.get(name);
                stored.map(|output| marked(&output.value, output.sensitive))
            }
            None => {
                let planned = ground.plan.outputs.get(name);
                let left_out = || Value::unknown(Type::Any);
                Some(
                    planned.map_or_else(left_out, |output| marked(&output.after, output.sensitive)),
                )
            }
        };
        (name.clone(), value.unwrap_or_else(Value::null))
    });
    Value::object(values)
}

/// The module's own names, with its outputs, the variables of the file, and runs before.
fn scope(ground: &Ground<'_>, evaluator: &Evaluator<'_>, outputs: Value) -> Scope {
    let (root, instance) = (ModuleId(0), ModuleInstance::root());
    let mut variables = ground.names.variables.clone();
    for name in ground.config.modules[0].source.variables.keys() {
        if let Ok(value) = evaluator.variable(root, &instance, name) {
            variables.insert(name.clone(), value);
        }
    }
    let runs = ground.names.runs.iter().map(|(name, value)| (name.clone(), value.clone()));
    Scope::new(root, instance)
        .with_name("output", outputs)
        .with_name("run", Value::object(runs))
        .with_name("var", Value::object(variables))
}

fn assertion(
    ground: &Ground<'_>,
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    rule: &Condition,
) -> (Status, Diagnostics) {
    let mut problems = Diagnostics::new();
    for expr in [&rule.condition, &rule.error_message] {
        problems.extend(wrong_references(ground, expr));
    }
    if problems.has_errors() {
        return (Status::Error, problems);
    }
    match evaluator.check(rule, scope) {
        Outcome::Pass => (Status::Pass, problems),
        Outcome::Fail(message) => {
            let failed = error_at!(rule.condition.span, "Test assertion failed", "{message}")
                .with_values(evaluator.values_of(&rule.condition, scope));
            (Status::Fail, failed.into())
        }
        Outcome::Unknown => {
            let unknown = error_at!(
                rule.condition.span,
                "Unknown condition value",
                "The condition has values that are known only after apply.";
                hint: "Leave them out of it, or say command = apply in the run. Where the value is overridden, override_during = plan makes it known in the plan."
            );
            (Status::Error, unknown.into())
        }
        Outcome::Error(errors) => (Status::Error, errors),
    }
}

/// What is wrong with references to outputs, variables and runs.
fn wrong_references(ground: &Ground<'_>, expr: &syntax::Expr) -> Diagnostics {
    let source = &ground.config.modules[0].source;
    let mut problems = Diagnostics::new();
    for reference in expr.references() {
        problems.extend(ground.names.run_problem(&reference));
        let (name, kind, known): (&Str, &str, Vec<&Str>) = match &reference.subject {
            Subject::Resource(key, _) if key.type_name == "output" => {
                (&key.name, "output value", source.outputs.keys().collect())
            }
            Subject::Variable(name) => {
                let known = source.variables.keys().chain(ground.names.variables.keys());
                (name, "input variable", known.collect())
            }
            _ => continue,
        };
        if !known.contains(&name) {
            problems.push(
                Diagnostic::error(
                    reference.span,
                    format!("Reference to undeclared {kind}"),
                    format!("The module under test has no {kind} named \"{name}\"."),
                )
                .did_you_mean(name, known.into_iter().map(Str::as_str)),
            );
        }
    }
    problems
}

//! What is declared and never read: warnings of `validate -strict`.

use std::collections::BTreeSet;

use skyform_diag::{Diagnostic, Diagnostics};
use skyform_value::Str;

use super::{CheckBlock, Condition, Config, Lifecycle, ModuleSource, Reference, Resource, Subject};
use crate::syntax::Expr;

/// A warning for each variable and local value that nothing in its module reads.
pub fn unused(config: &Config) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut seen = BTreeSet::new();
    for module in &config.modules {
        // Several calls share a folder; once is enough.
        if !seen.insert(&module.source.dir) {
            continue;
        }
        let mut used = Used::default();
        used.source(&module.source);
        for variable in module.source.variables.values() {
            if !used.variables.contains(&variable.name) {
                let detail = format!("Nothing in its module reads var.{}.", variable.name);
                diagnostics.push(Diagnostic::warning(variable.span, "Unused variable", detail));
            }
        }
        for local in module.source.locals.values() {
            if !used.locals.contains(&local.name) {
                let detail = format!("Nothing in its module reads local.{}.", local.name);
                diagnostics.push(Diagnostic::warning(local.span, "Unused local value", detail));
            }
        }
    }
    diagnostics
}

#[derive(Default)]
struct Used {
    variables: BTreeSet<Str>,
    locals: BTreeSet<Str>,
}

impl Used {
    fn references(&mut self, references: impl IntoIterator<Item = Reference>) {
        for reference in references {
            match reference.subject {
                Subject::Variable(name) => {
                    self.variables.insert(name);
                }
                Subject::Local(name) => {
                    self.locals.insert(name);
                }
                _ => {}
            }
        }
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) {
        for expression in expressions {
            self.references(expression.references());
        }
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            self.expressions([&condition.condition, &condition.error_message]);
        }
    }

    fn source(&mut self, source: &ModuleSource) {
        self.expressions(source.locals.values().map(|local| &local.value));
        for output in source.outputs.values() {
            self.expressions([&output.value]);
            self.conditions(&output.preconditions);
            self.references(output.depends_on.clone());
        }
        source.resources.values().for_each(|resource| self.resource(resource));
        for call in source.calls.values() {
            self.references(call.arguments.references());
            self.expressions(call.count.iter().chain(&call.for_each));
            self.references(call.depends_on.clone());
        }
        source.providers.iter().for_each(|provider| self.references(provider.body.references()));
        source.checks.values().for_each(|check| self.check(check));
        for import in &source.imports {
            self.expressions([&import.to, &import.id].into_iter().chain(&import.for_each));
        }
        // A rule that reads other variables reads them; its own does not count.
        for variable in source.variables.values() {
            let mut rules = Used::default();
            rules.conditions(&variable.validations);
            rules.variables.remove(&variable.name);
            self.variables.extend(rules.variables);
            self.locals.extend(rules.locals);
        }
    }

    fn check(&mut self, check: &CheckBlock) {
        self.conditions(&check.asserts);
    }

    fn resource(&mut self, resource: &Resource) {
        self.references(resource.body.references());
        self.expressions(resource.count.iter().chain(&resource.for_each));
        self.references(resource.depends_on.clone());
        let Lifecycle { replace_triggered_by, preconditions, postconditions, .. } =
            &resource.lifecycle;
        self.expressions(replace_triggered_by);
        self.conditions(preconditions);
        self.conditions(postconditions);
        for provisioner in &resource.provisioners {
            self.references(provisioner.body.references());
            self.references(provisioner.connection.iter().flat_map(|body| body.references()));
        }
    }
}

//! Everything that the blocks of a module refer to.

use super::{Condition, Lifecycle, ModuleSource, Reference, Resource, Variable};
use crate::syntax::Expr;

impl ModuleSource {
    /// What its blocks refer to, but for the validation rules of variables.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Found::default();
        found.source(self);
        found.0
    }
}

impl Variable {
    /// What its validation rules refer to.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Found::default();
        found.conditions(&self.validations);
        found.0
    }
}

#[derive(Default)]
struct Found(Vec<Reference>);

impl Found {
    fn references(&mut self, references: impl IntoIterator<Item = Reference>) {
        self.0.extend(references);
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
        source.checks.values().for_each(|check| self.conditions(&check.asserts));
        for import in &source.imports {
            self.expressions([&import.to, &import.id].into_iter().chain(&import.for_each));
        }
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

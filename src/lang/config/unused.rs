//! What is declared and never read: warnings of `validate -strict`.

use std::collections::BTreeSet;

use skyform_diag::{Diagnostic, Diagnostics};
use skyform_value::Str;

use super::{Config, ModuleSource, Reference, Subject};

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

    fn source(&mut self, source: &ModuleSource) {
        self.references(source.references());
        // A rule that reads other variables reads them; its own does not count.
        for variable in source.variables.values() {
            let own = |reference: &Reference| matches!(&reference.subject, Subject::Variable(name) if *name == variable.name);
            let rules = variable.references().into_iter();
            self.references(rules.filter(|reference| !own(reference)));
        }
    }
}

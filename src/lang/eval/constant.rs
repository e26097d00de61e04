//! Expressions that mean the same everywhere: no references, no functions.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use skyform_diag::SourceMap;
use skyform_value::{InstanceKey, ModuleInstance, Type, Value};

use super::{Environment, Evaluator, Scope, ValueSource};
use crate::Files;
use crate::config::{Config, ModuleId, ResourceKey};
use crate::syntax::Expr;

/// The value of an expression that is a constant; none for one that refers to something, calls a
/// function, or has a mistake in it.
pub fn constant(expression: &Expr) -> Option<Value> {
    if !expression.references().is_empty() || expression.has_calls() {
        return None;
    }
    let config = Config { modules: Vec::new(), sources: SourceMap::default(), missing: Vec::new() };
    let inputs = BTreeMap::new();
    let environment = Environment {
        files: &Nothing,
        working_dir: Path::new("."),
        root_dir: Path::new("."),
        workspace: "default",
        plan_timestamp: None,
        now: None,
        random: &|_| {},
    };
    let evaluator = Evaluator::new(&config, &Nothing, &inputs, environment);
    let scope = Scope::new(ModuleId(0), ModuleInstance::root());
    evaluator.evaluate(expression, &scope).ok().filter(Value::is_wholly_known)
}

/// No files, and no resources of which anything is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl ValueSource for Nothing {
    fn resource(&self, _: &ModuleInstance, _: &ResourceKey) -> Value {
        Value::unknown(Type::Any)
    }

    fn instance(&self, _: &ModuleInstance, _: &ResourceKey, _: &InstanceKey) -> Option<Value> {
        None
    }
}

impl Files for Nothing {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<(String, bool)>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn is_file(&self, _: &Path) -> bool {
        false
    }

    fn canonical(&self, _: &Path) -> io::Result<PathBuf> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn working_dir(&self) -> PathBuf {
        PathBuf::from(".")
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }
}

#[cfg(test)]
mod tests {
    use skyform_diag::SourceId;
    use skyform_value::to_console;

    use super::constant;
    use crate::syntax::parse_expression;

    #[test]
    fn only_what_needs_nothing_is_a_constant() {
        let table = [
            ("1", Some("1")),
            ("-1", Some("-1")),
            ("2 + 3", Some("5")),
            ("[1, null]", Some("[\n  1,\n  null,\n]")),
            ("{ a = \"${1}x\" }", Some("{\n  \"a\" = \"1x\"\n}")),
            ("true ? 1 : 2", Some("1")),
            ("[for i in [1] : i]", Some("[\n  1,\n]")),
            ("var.a", None),
            ("upper(\"x\")", None),
            ("[1, upper(\"x\")]", None),
            ("\"${each.key}\"", None),
        ];
        for (text, expected) in table {
            let parsed = parse_expression(SourceId(0), text).expect("it parses");
            let found = constant(&parsed).map(|value| to_console(&value));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}

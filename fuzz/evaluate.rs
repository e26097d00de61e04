//! Evaluation of an expression over a small configuration, with everything that is shown of the result.

use std::collections::BTreeMap;
use std::path::Path;

use skyform_lang::config::{Config, LoadOptions, ModuleId, ResourceKey, load};
use skyform_lang::eval::Environment;
use skyform_lang::syntax::Expr;
use skyform_lang::{Evaluator, Scope, ValueSource};
use skyform_value::{InstanceKey, ModuleInstance, Type, Value, json, to_console};

use crate::OneFile;

const CONFIGURATION: &str = r#"
variable "s" {
  default   = "secret"
  sensitive = true
}
locals {
  l = [1, 2, 3]
  m = { a = "x", b = "y" }
  n = null
  o = { list = [true, null], text = "ü€", number = 1.5 }
  u = t.u.id
}
resource "t" "u" {}
"#;

/// Whose `id` is known only after apply.
struct Unknown;

impl ValueSource for Unknown {
    fn resource(&self, _: &ModuleInstance, _: &ResourceKey) -> Value {
        Value::object([("id", Value::unknown(Type::String)), ("any", Value::unknown(Type::Any))])
    }

    fn instance(&self, _: &ModuleInstance, _: &ResourceKey, _: &InstanceKey) -> Option<Value> {
        None
    }
}

thread_local! {
    static CONFIG: Config = {
        let file = OneFile { name: "main.tf", text: CONFIGURATION };
        let (config, diagnostics) = load(&file, "".as_ref(), &LoadOptions::default());
        assert!(!diagnostics.has_errors());
        config
    };
}

/// Evaluates it, and shows what comes of it in every way.
pub fn evaluate(expression: &Expr) {
    let file = OneFile { name: "main.tf", text: CONFIGURATION };
    let environment = Environment {
        files: &file,
        working_dir: Path::new("/stack"),
        root_dir: Path::new("."),
        workspace: "default",
        plan_timestamp: Some("2026-01-02T03:04:05Z"),
        now: None,
        random: &|bytes| bytes.fill(7),
    };
    CONFIG.with(|config| {
        let inputs = BTreeMap::new();
        let evaluator = Evaluator::new(config, &Unknown, &inputs, environment);
        let scope = Scope::new(ModuleId(0), ModuleInstance::root());
        if let Ok(value) = evaluator.evaluate(expression, &scope) {
            let _ = to_console(&value);
            if value.is_wholly_known() {
                let _ = json::to_plain(&value);
            }
        }
    });
}

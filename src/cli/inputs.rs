//! Values for root variables, by precedence: environment, `terraform.tfvars`, `*.auto.tfvars`, then
//! `-var` and `-var-file`. Later ones win.

use std::collections::BTreeMap;
use std::path::Path;

use skyform_diag::{Diagnostics, Location, error_at};
use skyform_lang::Files as _;
use skyform_lang::config::{Config, VariableValue, load_variables_file, parse_variable_text};
use skyform_value::{Str, Type};

use super::arguments::{FILE_MARK, VariableArgs};
use super::context::Context;

/// All values given for root variables.
pub(crate) fn collect(
    context: &Context,
    args: &VariableArgs,
    config: &mut Config,
) -> (BTreeMap<Str, VariableValue>, Diagnostics) {
    let mut values = BTreeMap::new();
    let mut diagnostics = Diagnostics::new();
    for (name, text) in &context.environment {
        let Some(name) = name.strip_prefix("TF_VAR_") else { continue };
        // Others' variables may be in the environment too.
        if config.modules[0].source.variables.contains_key(name) {
            let given = format!("TF_VAR_{name}");
            let parsed = parse(config, name, text, &given);
            values.extend(diagnostics.take(parsed).map(|value| (Str::from(name), value)));
        }
    }
    let entries = context.disk.list(Path::new(".")).unwrap_or_default();
    let is_auto =
        |name: &str| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
    let first = ["terraform.tfvars", "terraform.tfvars.json"];
    let first = first.iter().filter(|name| entries.iter().any(|(entry, _)| entry == *name));
    let names: Vec<String> = first
        .map(|name| (*name).to_owned())
        .chain(entries.iter().map(|(name, _)| name.clone()).filter(|name| is_auto(name)))
        .collect();
    let read = |file: &Path, config: &mut Config, diagnostics: &mut Diagnostics| {
        let (found, problems) = load_variables_file(&context.disk, file, &mut config.sources);
        diagnostics.extend(problems);
        found
    };
    for name in &names {
        values.extend(read(Path::new(name), config, &mut diagnostics));
    }
    for argument in &args.var {
        if let Some(file) = argument.strip_prefix(FILE_MARK) {
            values.extend(read(Path::new(file), config, &mut diagnostics));
            continue;
        }
        let Some((name, text)) = argument.split_once('=') else {
            diagnostics.push(error_at!(
                Location::input(format!("-var {argument}")),
                "Invalid -var option",
                "A value is given as NAME=VALUE, such as -var region=east."
            ));
            continue;
        };
        let (name, given) = (name.trim(), format!("-var {name}"));
        let parsed = parse(config, name, text, &given);
        values.extend(diagnostics.take(parsed).map(|value| (Str::from(name), value)));
    }
    (values, diagnostics)
}

fn parse(
    config: &mut Config,
    name: &str,
    text: &str,
    given: &str,
) -> Result<VariableValue, Diagnostics> {
    let declared = config.modules[0].source.variables.get(name);
    let ty = declared.map_or(Type::Any, |variable| variable.constraint.ty.clone());
    parse_variable_text(name, text, &ty, given, &mut config.sources)
}

//! Values for root variables, by precedence: environment, `terraform.tfvars`, `*.auto.tfvars`, then
//! `-var` and `-var-file`. Later ones win.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use skyform_diag::{Diagnostics, Location, SourceMap, error_at};
use skyform_lang::Files as _;
use skyform_lang::config::{Config, VariableValue, load_variables_file, parse_variable_text};
use skyform_value::Str;

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
    let read = |file: &Path, config: &mut Config, diagnostics: &mut Diagnostics| {
        let (found, problems) = load_variables_file(&context.disk, file, &mut config.sources);
        diagnostics.extend(problems);
        found
    };
    for file in automatic(context, Path::new("")) {
        values.extend(read(&file, config, &mut diagnostics));
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

/// The values that the files in a folder give without being named.
pub(crate) fn of_folder(
    context: &Context,
    folder: &Path,
    sources: &mut SourceMap,
) -> (BTreeMap<Str, VariableValue>, Diagnostics) {
    let mut values = BTreeMap::new();
    let mut diagnostics = Diagnostics::new();
    for file in automatic(context, folder) {
        let (found, problems) = load_variables_file(&context.disk, &file, sources);
        diagnostics.extend(problems);
        values.extend(found);
    }
    (values, diagnostics)
}

/// Files of values that are read without being named, later ones win.
fn automatic(context: &Context, folder: &Path) -> Vec<PathBuf> {
    let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = context.disk.list(shown).unwrap_or_default();
    let is_auto =
        |name: &str| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
    let first = ["terraform.tfvars", "terraform.tfvars.json"];
    let first = first.into_iter().filter(|name| entries.iter().any(|(entry, _)| entry == name));
    let names = entries.iter().map(|(name, _)| name.as_str()).filter(|name| is_auto(name));
    first.chain(names).map(|name| folder.join(name)).collect()
}

fn parse(
    config: &mut Config,
    name: &str,
    text: &str,
    given: &str,
) -> Result<VariableValue, Diagnostics> {
    let declared = config.modules[0].source.variables.get(name);
    let ty = declared.filter(|variable| variable.typed).map(|it| it.constraint.ty.clone());
    parse_variable_text(name, text, ty.as_ref(), given, &mut config.sources)
}

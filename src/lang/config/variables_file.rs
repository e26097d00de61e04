//! Values for root variables from files, arguments and the environment.

use std::path::Path;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap, Span, error_at};
use skyform_value::{Str, Type, Value};

use super::constraint::constant;
use crate::Files;
use crate::syntax;

/// A value given for a variable, not yet converted, and where it was given.
#[derive(Clone, Debug)]
pub struct VariableValue {
    /// The value.
    pub value: Value,
    /// Where: in a file, `-var`, or an environment variable.
    pub location: Location,
}

/// Reads a `.tfvars` or `.tfvars.json` file.
pub fn load_variables_file(
    files: &dyn Files,
    path: &Path,
    sources: &mut SourceMap,
) -> (IndexMap<Str, VariableValue>, Diagnostics) {
    let shown = path.display().to_string();
    let mut values = IndexMap::new();
    let text = match files.read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => {
            let detail = "The file is not valid UTF-8.";
            let error =
                Diagnostic::error(Location::input(&shown), "Invalid variables file", detail);
            return (values, error.into());
        }
        Err(error) => {
            let detail = format!("The file {shown} could not be read: {error}.");
            let error =
                Diagnostic::error(Location::input(&shown), "Failed to read variables file", detail);
            return (values, error.into());
        }
    };
    let id = sources.add(&shown, &text);
    let parsed = if shown.ends_with(".json") {
        syntax::parse_json_values(id, &text)
    } else {
        syntax::parse_body(id, &text)
    };
    let body = match parsed {
        Ok(body) => body,
        Err(diagnostics) => return (values, diagnostics),
    };
    let mut diagnostics = Diagnostics::new();
    for block in &body.blocks {
        diagnostics.push(error_at!(
            block.kind_span,
            "Unexpected block",
            "A variables file has only arguments, NAME = VALUE; no blocks."
        ));
    }
    for (name, attribute) in body.attributes {
        match constant(&attribute.expr) {
            Some(value) => {
                let location = Location::Span(attribute.expr.span);
                values.insert(name, VariableValue { value, location });
            }
            None => diagnostics.push(error_at!(
                attribute.expr.span,
                "Variables not allowed",
                "Values in a variables file must be constant: nothing may be referred to or called."
            )),
        }
    }
    (values, diagnostics)
}

/// The value of a variable given as text (`-var`, environment): as it is for primitive types, an
/// expression for all others.
///
/// # Errors
/// If the expression is not one, or not constant.
pub fn parse_variable_text(
    name: &str,
    text: &str,
    ty: Option<&Type>,
    given: &str,
    sources: &mut SourceMap,
) -> Result<VariableValue, Diagnostics> {
    let location = Location::input(given);
    let Some(ty) = ty.filter(|ty| !ty.is_primitive()) else {
        return Ok(VariableValue { value: Value::from(text), location });
    };
    let id = sources.add(&format!("<value for var.{name}>"), text);
    let expression = syntax::parse_expression(id, text).map_err(|_| wrong(id, text, name, ty))?;
    match constant(&expression) {
        Some(value) => Ok(VariableValue { value, location: Location::Span(expression.span) }),
        None => Err(wrong(id, text, name, ty)),
    }
}

fn wrong(id: skyform_diag::SourceId, text: &str, name: &str, ty: &Type) -> Diagnostics {
    error_at!(
        Span::new(id, 0, text.len()),
        "Invalid value for variable",
        "The value given for \"{name}\" is not a constant expression of type {}.", ty.friendly();
        hint: "Quote it for the shell, as in -var 'names=[\"a\", \"b\"]'."
    )
    .into()
}

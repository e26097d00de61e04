//! What must not be persisted, neither in plan nor in state: ephemeral values, write-only attributes, and
//! infinities.

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_lang::config::{Config, Resource};
use skyform_lang::eval::attribute_span;
use skyform_value::schema::{Block, NestedBlock};
use skyform_value::{Kind, Marks, Path, Step, Value};

/// Errors where an ephemeral value or an infinity is given for what is stored.
pub(crate) fn check_persisted(
    block: &Resource,
    schema: &Block,
    config: &Value,
) -> Result<(), Diagnostics> {
    check_finite(block, config)?;
    if !config.has_mark(Marks::EPHEMERAL) {
        return Ok(());
    }
    let (_, marks) = config.unmark();
    let ephemeral = marks.into_iter().filter(|(_, marks)| marks.contains(Marks::EPHEMERAL));
    let mut errors = Diagnostics::new();
    for (path, _) in ephemeral {
        if is_write_only(schema, &path) {
            continue;
        }
        let span = attribute_span(&block.body, &path).unwrap_or(block.span);
        errors.push(error_at!(
            span,
            "Invalid use of ephemeral value",
            "Ephemeral values are not valid for \"{path}\", because it is not a write-only attribute and must be persisted to state."
        ));
    }
    errors.into_result(())
}

fn check_finite(block: &Resource, config: &Value) -> Result<(), Diagnostics> {
    let arguments = config.as_table().into_iter().flatten();
    let errors: Diagnostics = arguments
        .filter(|(_, value)| value.has_infinity())
        .map(|(name, _)| {
            let path = Path::attribute(name.clone());
            let span = attribute_span(&block.body, &path).unwrap_or(block.span);
            error_at!(
                span,
                "Infinite number",
                "The value of \"{path}\" has an infinite number in it, which cannot be stored.";
                hint: "A division by zero gives one."
            )
        })
        .collect();
    errors.into_result(())
}

/// The error about a root output with an infinity in its value.
pub(crate) fn infinite_output(span: Span) -> Diagnostic {
    error_at!(
        span,
        "Infinite number",
        "A root output is stored, and the infinite number in this value cannot be.";
        hint: "A division by zero gives one."
    )
}

/// Errors about outputs of the root module that are ephemeral: they are stored.
pub(crate) fn check_root_outputs(config: &Config) -> Diagnostics {
    let outputs = config.modules[0].source.outputs.values();
    let problem = |output: &skyform_lang::config::Output| -> Diagnostic {
        error_at!(
            output.span,
            "Ephemeral output not allowed",
            "Outputs of the root module are stored, so they cannot be ephemeral.";
            hint: "Take ephemeral = true out, or make its value null with ephemeralasnull(...)."
        )
    };
    outputs.filter(|output| output.ephemeral).map(problem).collect()
}

fn is_write_only(schema: &Block, path: &Path) -> bool {
    let mut block = schema;
    for step in &path.0 {
        let Step::Attribute(name) = step else { continue };
        if let Some(attribute) = block.attributes.get(name) {
            return attribute.write_only;
        }
        match block.blocks.get(name) {
            Some(nested) => block = &nested.block,
            None => return false,
        }
    }
    false
}

/// Whether any write-only attribute is given.
pub(crate) fn gives_write_only(schema: &Block, value: &Value) -> bool {
    has_write_only(schema) && without_write_only(schema, value) != *value
}

fn has_write_only(schema: &Block) -> bool {
    schema.attributes.values().any(|attribute| attribute.write_only)
        || schema.blocks.values().any(|nested| has_write_only(&nested.block))
}

/// The object with all write-only attributes null: as it is planned and stored.
pub(crate) fn without_write_only(schema: &Block, value: &Value) -> Value {
    if !has_write_only(schema) {
        return value.clone();
    }
    let Kind::Object(attributes) = value.kind() else { return value.clone() };
    let kept = attributes.iter().map(|(name, part)| {
        let part = match (schema.attributes.get(name), schema.blocks.get(name)) {
            (Some(attribute), _) if attribute.write_only => Value::null_of(attribute.ty.clone()),
            (None, Some(nested)) => without_in_blocks(nested, part),
            _ => part.clone(),
        };
        (name.clone(), part)
    });
    Value::object(kept).with_marks(value.marks())
}

fn without_in_blocks(nested: &NestedBlock, value: &Value) -> Value {
    let inner = |item: &Value| without_write_only(&nested.block, item);
    let rebuilt = match value.kind() {
        Kind::Object(_) if value.ty() == nested.block.implied_type() => return inner(value),
        Kind::List(list) => {
            Value::list(list.element.clone(), list.items.iter().map(inner).collect())
        }
        Kind::Set(set) => Value::set(set.element.clone(), set.items.iter().map(inner).collect()),
        Kind::Tuple(items) => Value::tuple(items.iter().map(inner).collect::<Vec<_>>()),
        Kind::Map(table) => {
            let items = table.items.iter().map(|(key, item)| (key.clone(), inner(item)));
            Value::map(table.element.clone(), items.collect())
        }
        Kind::Object(items) => {
            Value::object(items.iter().map(|(key, item)| (key.clone(), inner(item))))
        }
        _ => return value.clone(),
    };
    rebuilt.with_marks(value.marks())
}

#[cfg(test)]
mod tests {
    use skyform_value::Type;
    use skyform_value::schema::{Attribute, Nesting};

    use super::*;

    fn schema() -> Block {
        let secret = Attribute { write_only: true, ..Attribute::optional(Type::String) };
        let inner =
            Block::with([("token", secret.clone()), ("name", Attribute::optional(Type::String))]);
        Block::with([("secret", secret), ("plain", Attribute::optional(Type::String))]).nest(
            "user",
            Nesting::List,
            inner,
        )
    }

    fn object(secret: Value, token: Value) -> Value {
        let user = Value::object([("token", token), ("name", Value::from("n"))]);
        Value::object([
            ("secret", secret),
            ("plain", Value::from("p")),
            ("user", Value::list(user.ty(), vec![user])),
        ])
    }

    #[test]
    fn write_only_attributes_are_taken_out_wherever_they_stand() {
        let none = || Value::null_of(Type::String);
        let given = object(Value::from("s"), Value::from("t"));
        assert!(gives_write_only(&schema(), &given));
        let kept = without_write_only(&schema(), &given);
        assert_eq!(kept, object(none(), none()));
        assert!(!gives_write_only(&schema(), &kept));
    }

    #[test]
    fn paths_lead_to_the_attribute_that_decides() {
        let path = |names: &[&str]| {
            Path(names.iter().map(|name| Step::Attribute((*name).into())).collect())
        };
        for (names, expected) in [
            (&["secret"][..], true),
            (&["plain"], false),
            (&["user", "token"], true),
            (&["user", "name"], false),
            (&["none"], false),
        ] {
            assert_eq!(is_write_only(&schema(), &path(names)), expected, "{names:?}");
        }
    }
}

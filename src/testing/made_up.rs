//! Values made up for what a provider would set.

use skyform_provider_sdk::schema::Block;
use skyform_provider_sdk::{Problem, ProblemKind, Problems};
use skyform_value::{Str, Type, Value, convert};

/// Where values come from.
pub(crate) enum Origin<'a> {
    /// Nothing is known yet.
    Later,
    /// Given ones, and made-up ones for all others.
    Now {
        /// An object of given values, or null.
        given: &'a Value,
        /// Fills bytes with random ones.
        random: fn(&mut [u8]),
    },
}

/// The object with values for every attribute that the provider sets and that has none, or none
/// known yet.
///
/// # Errors
/// Where a given value is not of its attribute's type.
pub(crate) fn filled(block: &Block, object: &Value, from: &Origin<'_>) -> Result<Value, Problems> {
    let Some(table) = object.as_table() else { return Ok(object.clone()) };
    let given = |name: &Str| match from {
        Origin::Now { given, .. } => given.get(name).cloned(),
        Origin::Later => None,
    };
    let mut attributes: Vec<(Str, Value)> = Vec::with_capacity(table.len());
    for (name, value) in table {
        let value = match (block.attributes.get(name), block.blocks.get(name)) {
            (Some(attribute), _)
                if attribute.computed && (value.is_null() || !value.is_known()) =>
            {
                match (from, given(name)) {
                    (Origin::Later, _) => Value::unknown(attribute.ty.clone()),
                    (Origin::Now { .. }, Some(given)) => convert(&given, &attribute.ty)
                        .map_err(|error| unsuitable(name, &error.to_string()))?,
                    (Origin::Now { random, .. }, None) => made_up(&attribute.ty, *random),
                }
            }
            (_, Some(nested)) => {
                let below = given(name).unwrap_or_else(Value::null);
                let from = match from {
                    Origin::Later => Origin::Later,
                    Origin::Now { random, .. } => Origin::Now { given: &below, random: *random },
                };
                each_object(value, &|object| filled(&nested.block, object, &from))?
            }
            _ => value.clone(),
        };
        attributes.push((name.clone(), value));
    }
    Ok(Value::object(attributes).with_marks(object.marks()))
}

/// Changes the objects that nested blocks make.
fn each_object(
    value: &Value,
    change: &dyn Fn(&Value) -> Result<Value, Problems>,
) -> Result<Value, Problems> {
    if !value.is_known() || value.is_null() {
        return Ok(value.clone());
    }
    let changed = |items: &mut dyn Iterator<Item = &Value>| -> Result<Vec<Value>, Problems> {
        items.map(change).collect()
    };
    let whole = match value.ty() {
        Type::Object(_) => return change(value),
        Type::Map(_) => {
            let table = value.as_table().into_iter().flatten();
            let items = table.map(|(name, item)| Ok((name.clone(), change(item)?)));
            Value::object(items.collect::<Result<Vec<_>, Problems>>()?)
        }
        _ => Value::tuple(changed(&mut value.children())?),
    };
    // Filling in changes no types, but where `any` stands for one.
    Ok(convert(&whole, &value.ty()).unwrap_or(whole))
}

fn unsuitable(name: &str, error: &str) -> Problems {
    vec![Problem::error(
        ProblemKind::Invalid,
        "Invalid mock or override value",
        format!("The value given for the attribute \"{name}\" is not suitable: {error}."),
    )]
}

/// A value of a type.
fn made_up(ty: &Type, random: fn(&mut [u8])) -> Value {
    match ty {
        Type::String => {
            const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
            let mut bytes = [0; 8];
            random(&mut bytes);
            let text: String =
                bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % 36])).collect();
            Value::from(text)
        }
        Type::Number => Value::from(0_i64),
        Type::Bool => Value::from(false),
        Type::List(_) | Type::Set(_) => {
            convert(&Value::tuple([]), ty).unwrap_or_else(|_| Value::null_of(ty.clone()))
        }
        Type::Map(_) => {
            convert(&Value::object::<Str>([]), ty).unwrap_or_else(|_| Value::null_of(ty.clone()))
        }
        Type::Object(object) => Value::object(
            object.attributes.iter().map(|(name, ty)| (name.clone(), made_up(ty, random))),
        ),
        Type::Tuple(items) => Value::tuple(items.iter().map(|ty| made_up(ty, random))),
        Type::Any => Value::null(),
    }
}

#[cfg(test)]
mod tests {
    use skyform_provider_sdk::schema::{Attribute, Nesting};
    use skyform_value::to_console;

    use super::*;

    fn block() -> Block {
        let inner = Block::with([
            ("id", Attribute::computed(Type::String)),
            ("size", Attribute::optional(Type::Number)),
        ]);
        Block::with([
            ("id", Attribute::computed(Type::String)),
            ("count", Attribute::optional_computed(Type::Number)),
            ("tags", Attribute::computed(Type::map(Type::String))),
            ("name", Attribute::optional(Type::String)),
        ])
        .nest("disk", Nesting::List, inner)
    }

    fn object() -> Value {
        let disk = Value::object([("id", Value::null()), ("size", Value::from(3_i64))]);
        Value::object([
            ("id", Value::null()),
            ("count", Value::from(7_i64)),
            ("tags", Value::null()),
            ("name", Value::null()),
            ("disk", Value::list(disk.ty(), vec![disk])),
        ])
    }

    #[test]
    fn only_what_a_provider_sets_is_made_up() {
        let given = Value::object([
            ("id", Value::from("i-1")),
            ("name", Value::from("not taken")),
            ("disk", Value::object([("id", Value::from("d-1"))])),
        ]);
        let from = Origin::Now { given: &given, random: |bytes| bytes.fill(1) };
        let value = filled(&block(), &object(), &from).expect("it fits");
        let text = to_console(&value);
        assert_eq!(value.get("id").and_then(Value::as_str), Some("i-1"), "{text}");
        assert_eq!(value.get("tags").map(|tags| tags.children().count()), Some(0), "{text}");
        assert!(value.get("name").is_some_and(Value::is_null), "{text}");
        assert!(text.contains("\"id\" = \"d-1\"") && text.contains("\"count\" = 7"), "{text}");
        let from = Origin::Now { given: &Value::null(), random: |bytes| bytes.fill(1) };
        let value = filled(&block(), &object(), &from).expect("it fits");
        assert_eq!(value.get("id").and_then(Value::as_str), Some("bbbbbbbb"));
    }

    #[test]
    fn a_given_value_must_fit_its_attribute() {
        let given = Value::object([("tags", Value::from("x"))]);
        let from = Origin::Now { given: &given, random: |_| {} };
        let problems = filled(&block(), &object(), &from).expect_err("a string is no map");
        assert!(problems[0].detail.contains("\"tags\""), "{}", problems[0].detail);
        let later = filled(&block(), &object(), &Origin::Later).expect("nothing is given");
        assert!(later.get("id").is_some_and(|id| !id.is_known()));
    }
}

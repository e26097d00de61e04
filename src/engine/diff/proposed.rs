//! Configuration over prior object: what the object would be without the provider's say.
//!
//! Rules: `ProposedNew` of the provider protocol's public description. Unknown values are never
//! made up here; that is the provider's part.

use std::collections::BTreeMap;

use skyform_value::schema::{Block, NestedBlock, Nesting};
use skyform_value::{Kind, Str, Value};

/// The object that `config` asks for where `prior` is what there is. Both are objects of the block's
/// implied type, or null.
pub(crate) fn proposed(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() && prior.is_null() {
        return Value::null_of(block.implied_type());
    }
    if config.is_null() || !config.is_known() {
        return prior.clone();
    }
    merge_block(block, prior, config)
}

fn merge_block(block: &Block, prior: &Value, config: &Value) -> Value {
    let Some(given) = config.as_table() else { return config.clone() };
    let mut merged: BTreeMap<Str, Value> = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let asked = given.get(name).cloned();
        let asked = asked.unwrap_or_else(|| Value::null_of(attribute.ty.clone()));
        let value = match prior.get(name) {
            Some(before) if attribute.computed && asked.is_null() => before.clone(),
            _ => asked,
        };
        merged.insert(name.clone(), value);
    }
    for (name, nested) in &block.blocks {
        let Some(asked) = given.get(name) else { continue };
        merged.insert(name.clone(), merge_nested(nested, prior.get(name), asked));
    }
    Value::from(Kind::Object(merged.into()))
}

fn merge_nested(nested: &NestedBlock, prior: Option<&Value>, config: &Value) -> Value {
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let block = &nested.block;
    let none = Value::null_of(block.implied_type());
    let with = |before: Option<&Value>, asked: &Value| match before {
        Some(before) if !before.is_null() => merge_block(block, before, asked),
        _ => asked.clone(),
    };
    match (nested.nesting, config.kind()) {
        (Nesting::Single | Nesting::Group, _) => merge_block(block, prior.unwrap_or(&none), config),
        (Nesting::Set, Kind::Set(asked)) => {
            let mut rest: Vec<&Value> =
                prior.and_then(Value::as_slice).unwrap_or_default().iter().collect();
            let items = asked.items.iter().map(|item| {
                let found = rest.iter().position(|before| could_be(block, before, item));
                with(found.map(|index| rest.remove(index)), item)
            });
            let items = items.collect();
            Value::set(asked.element.clone(), items)
        }
        (_, Kind::List(asked)) => {
            let before = prior.and_then(Value::as_slice).unwrap_or_default();
            let items = asked.items.iter().enumerate();
            let items = items.map(|(index, item)| with(before.get(index), item)).collect();
            Value::list(asked.element.clone(), items)
        }
        (_, Kind::Tuple(asked)) => {
            let before = prior.and_then(Value::as_slice).unwrap_or_default();
            let items = asked.iter().enumerate();
            Value::tuple(items.map(|(index, item)| with(before.get(index), item)))
        }
        (_, Kind::Map(asked)) => {
            let items = asked.items.iter();
            let items = items.map(|(key, item)| {
                (key.clone(), with(prior.and_then(|prior| prior.get(key)), item))
            });
            Value::map(asked.element.clone(), items.collect())
        }
        (_, Kind::Object(asked)) => {
            Value::object(asked.iter().map(|(key, item)| {
                (key.clone(), with(prior.and_then(|prior| prior.get(key)), item))
            }))
        }
        _ => config.clone(),
    }
}

/// Whether the set element `prior` may be what `config` asks for: they differ only in attributes
/// that the provider computes.
fn could_be(block: &Block, prior: &Value, config: &Value) -> bool {
    if prior == config {
        return true;
    }
    let attributes = block.attributes.iter().all(|(name, attribute)| {
        let (before, asked) = (prior.get(name), config.get(name));
        before == asked || (attribute.computed && asked.is_none_or(Value::is_null))
    });
    attributes
        && block.blocks.iter().all(|(name, nested)| {
            let (before, asked) = (prior.get(name), config.get(name));
            match nested.nesting {
                _ if before == asked => true,
                Nesting::Set => false,
                Nesting::Single | Nesting::Group => before
                    .zip(asked)
                    .is_some_and(|(before, asked)| could_be(&nested.block, before, asked)),
                Nesting::List | Nesting::Map => {
                    let items = |value: Option<&Value>| -> Vec<Value> {
                        value.map(|value| value.children().cloned().collect()).unwrap_or_default()
                    };
                    let (before, asked) = (items(before), items(asked));
                    before.len() == asked.len()
                        && before.iter().zip(&asked).all(|(b, a)| could_be(&nested.block, b, a))
                }
            }
        })
}

/// The object of a block in which nothing is written.
pub(crate) fn empty_object(block: &Block) -> Value {
    let attributes = block
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), Value::null_of(attribute.ty.clone())));
    let blocks = block.blocks.iter().map(|(name, nested)| (name.clone(), empty_nested(nested)));
    Value::object(attributes.chain(blocks))
}

fn empty_nested(nested: &NestedBlock) -> Value {
    let object = nested.block.implied_type();
    match nested.nesting {
        Nesting::Single => Value::null_of(object),
        Nesting::Group => empty_object(&nested.block),
        Nesting::List if object.has_any() => Value::tuple([]),
        Nesting::Map if object.has_any() => Value::object::<Str>([]),
        Nesting::List => Value::list(object, Vec::new()),
        Nesting::Set => Value::set(object, Vec::new()),
        Nesting::Map => Value::map(object, BTreeMap::new()),
    }
}

#[cfg(test)]
mod tests;

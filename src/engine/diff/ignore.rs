//! `ignore_changes`: configuration as if it said what the object is already.

use skyform_lang::config::IgnoreChanges;
use skyform_value::schema::Block;
use skyform_value::{Kind, Path, Step, Value};

use super::empty_object;

/// `config` with the ignored paths taken from `prior`.
pub(crate) fn ignore_changes(
    ignore: &IgnoreChanges,
    block: &Block,
    prior: &Value,
    config: &Value,
) -> Value {
    match ignore {
        _ if prior.is_null() => config.clone(),
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => without_computed(block, prior),
        IgnoreChanges::Paths(paths) => {
            paths.iter().fold(config.clone(), |config, (path, _)| copy(path, prior, &config))
        }
    }
}

/// The prior object with those attributes null that only the provider sets.
fn without_computed(block: &Block, prior: &Value) -> Value {
    let Some(attributes) = prior.as_table() else { return empty_object(block) };
    Value::object(attributes.iter().map(|(name, value)| {
        let only_computed = block
            .attributes
            .get(name)
            .is_some_and(|attribute| attribute.computed && !attribute.optional);
        let kept = if only_computed { Value::null_of(value.ty()) } else { value.clone() };
        (name.clone(), kept)
    }))
}

/// `config` with what is at `path` taken from `prior`.
fn copy(path: &Path, prior: &Value, config: &Value) -> Value {
    copy_steps(&path.0, Some(prior), Some(config)).unwrap_or_else(|| config.clone())
}

fn copy_steps(steps: &[Step], prior: Option<&Value>, config: Option<&Value>) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return prior.cloned() };
    let config = config?;
    let marks = config.marks();
    let replaced = match (step, config.kind()) {
        (Step::Attribute(name) | Step::Key(name), Kind::Object(attributes)) => {
            let mut attributes = (**attributes).clone();
            let before = prior.and_then(|prior| prior.get(name));
            let value = copy_steps(rest, before, attributes.get(name))?;
            attributes.insert(name.clone(), value);
            Value::from(Kind::Object(attributes.into()))
        }
        (Step::Attribute(key) | Step::Key(key), Kind::Map(table)) => {
            let mut items = table.items.clone();
            let before = prior.and_then(|prior| prior.get(key));
            match copy_steps(rest, before, items.get(key)) {
                Some(value) => items.insert(key.clone(), value),
                None if rest.is_empty() => items.remove(key),
                None => None,
            };
            Value::map(table.element.clone(), items)
        }
        // A map that configuration leaves out, of which one key is ignored.
        (Step::Key(key), Kind::Null(ty)) if rest.is_empty() => {
            let before = prior.and_then(|prior| prior.get(key))?;
            let element = ty.element().cloned().unwrap_or_else(|| before.ty());
            Value::map(element, [(key.clone(), before.clone())].into())
        }
        (Step::Index(index), Kind::List(list)) => {
            let mut items = list.items.clone();
            replace_item(&mut items, *index, rest, prior)?;
            Value::list(list.element.clone(), items)
        }
        (Step::Index(index), Kind::Tuple(tuple)) => {
            let mut items = tuple.to_vec();
            replace_item(&mut items, *index, rest, prior)?;
            Value::tuple(items)
        }
        _ => return None,
    };
    Some(replaced.with_marks(marks))
}

fn replace_item(
    items: &mut [Value],
    index: u64,
    rest: &[Step],
    prior: Option<&Value>,
) -> Option<()> {
    let index = usize::try_from(index).ok()?;
    let before = prior.and_then(Value::as_slice).and_then(|prior| prior.get(index));
    let value = copy_steps(rest, before, items.get(index))?;
    *items.get_mut(index)? = value;
    Some(())
}

#[cfg(test)]
mod tests;

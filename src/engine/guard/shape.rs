//! Whether a value has the shape that its schema says, and what can be kept of one that has not.

use skyform_value::{Kind, Type, Value};

/// What is wrong at which place; the place from the inside out.
struct Misfit {
    place: Vec<String>,
    what: String,
}

/// What is wrong with a value, in words; none if it fits its type.
pub(super) fn misfit(value: &Value, ty: &Type, may_be_unknown: bool) -> Option<String> {
    let Misfit { mut place, what } = find(value, ty, may_be_unknown)?;
    place.reverse();
    let place = match place.is_empty() {
        true => "the object".to_owned(),
        false => format!("\"{}\"", place.join(".")),
    };
    Some(format!("{place} {what}"))
}

fn find(value: &Value, ty: &Type, may_be_unknown: bool) -> Option<Misfit> {
    let wrong = |what: String| Some(Misfit { place: Vec::new(), what });
    let inside = |name: &str, value: &Value, ty: &Type| {
        let mut found = find(value, ty, may_be_unknown)?;
        found.place.push(name.to_owned());
        Some(found)
    };
    match (value.kind(), ty) {
        (Kind::Unknown(_), _) if !may_be_unknown => {
            wrong("is not known, although everything must be by now".to_owned())
        }
        (Kind::Null(_) | Kind::Unknown(_), _)
        | (Kind::Bool(_), Type::Bool)
        | (Kind::Number(_), Type::Number)
        | (Kind::String(_), Type::String) => None,
        (_, Type::Any) if may_be_unknown || value.is_wholly_known() => None,
        (_, Type::Any) => {
            wrong("is not wholly known, although everything must be by now".to_owned())
        }
        (Kind::Object(attributes), Type::Object(wanted)) => {
            let extra = attributes.keys().find(|name| !wanted.attributes.contains_key(*name));
            if let Some(name) = extra {
                return wrong(format!("has \"{name}\", which its schema has not"));
            }
            wanted.attributes.iter().find_map(|(name, ty)| match attributes.get(name) {
                Some(value) => inside(name, value, ty),
                None => wrong(format!("has no \"{name}\", which its schema has")),
            })
        }
        (Kind::List(_) | Kind::Tuple(_), Type::List(element))
        | (Kind::Set(_) | Kind::List(_) | Kind::Tuple(_), Type::Set(element)) => {
            value.children().find_map(|item| inside("*", item, element))
        }
        (Kind::Map(_) | Kind::Object(_), Type::Map(element)) => {
            let mut items = value.as_table().into_iter().flatten();
            items.find_map(|(key, item)| inside(key, item, element))
        }
        (Kind::Tuple(items), Type::Tuple(types)) if items.len() == types.len() => {
            items.iter().zip(types.iter()).find_map(|(item, ty)| inside("*", item, ty))
        }
        _ => wrong(format!("is {} and not {}", value.ty().friendly(), ty.friendly())),
    }
}

/// A value that fits its type and is wholly known, as near to what was answered as can be: where an
/// attribute does not fit, what was planned stands in for it, or null.
pub(super) fn settled(answer: Value, ty: &Type, planned: &Value) -> Value {
    if answer.is_null() || find(&answer, ty, false).is_none() {
        return answer;
    }
    let Type::Object(wanted) = ty else { return Value::null_of(ty.clone()) };
    Value::object(wanted.attributes.iter().map(|(name, ty)| {
        let fits = |value: &&Value| find(value, ty, false).is_none();
        let kept = answer.get(name).filter(fits).or_else(|| planned.get(name).filter(fits));
        (name.clone(), kept.cloned().unwrap_or_else(|| Value::null_of(ty.clone())))
    }))
}

#[cfg(test)]
mod tests;

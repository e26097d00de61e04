//! The one type that several values can all be converted to.

use std::collections::BTreeMap;

use crate::{Str, Type};

/// The type that all of `types` can be converted to; none if there is no such type.
///
/// Rules: recorded results of conditionals and `tolist` of mixed elements.
pub fn unify(types: &[Type]) -> Option<Type> {
    let mut known = types.iter().filter(|ty| **ty != Type::Any);
    let Some(first) = known.next() else { return Some(Type::Any) };
    if known.clone().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let known: Vec<&Type> = types.iter().filter(|ty| **ty != Type::Any).collect();
    if known.iter().all(|ty| ty.is_primitive()) {
        // Numbers and bools have no common form but text, and that only where there is text.
        return known.contains(&&Type::String).then_some(Type::String);
    }
    if let Some(objects) = collect(&known, |ty| match ty {
        Type::Object(object) => Some(&object.attributes),
        _ => None,
    }) {
        return unify_objects(&objects);
    }
    if let Some(tuples) = collect(&known, |ty| match ty {
        Type::Tuple(elements) => Some(&**elements),
        _ => None,
    }) {
        return unify_tuples(&tuples);
    }
    let maps = |ty: &Type| matches!(ty, Type::Map(_) | Type::Object(_));
    let sequences = |ty: &Type| matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_));
    if known.iter().all(|ty| maps(ty)) {
        return unify(&elements(&known)).map(Type::map);
    }
    if known.iter().all(|ty| sequences(ty)) {
        let element = unify(&elements(&known))?;
        let any_set = known.iter().any(|ty| matches!(ty, Type::Set(_)));
        let any_list = known.iter().any(|ty| matches!(ty, Type::List(_)));
        return Some(if any_set && !any_list { Type::set(element) } else { Type::list(element) });
    }
    None
}

fn collect<'a, T>(types: &[&'a Type], pick: impl Fn(&'a Type) -> Option<T>) -> Option<Vec<T>> {
    types.iter().map(|ty| pick(ty)).collect()
}

/// Types of everything that may be inside any of them.
fn elements(types: &[&Type]) -> Vec<Type> {
    types
        .iter()
        .flat_map(|ty| match ty {
            Type::Tuple(elements) => elements.to_vec(),
            Type::Object(object) => object.attributes.values().cloned().collect(),
            other => other.element().cloned().into_iter().collect(),
        })
        .collect()
}

fn unify_objects(objects: &[&BTreeMap<Str, Type>]) -> Option<Type> {
    let (first, rest) = objects.split_first()?;
    if rest.iter().all(|object| object.keys().eq(first.keys())) {
        let attributes = first.keys().map(|name| {
            let types: Vec<Type> = objects.iter().map(|object| object[name].clone()).collect();
            Some((name.clone(), unify(&types)?))
        });
        return attributes.collect::<Option<Vec<_>>>().map(Type::object);
    }
    let all: Vec<Type> = objects.iter().flat_map(|object| object.values().cloned()).collect();
    unify(&all).map(Type::map)
}

fn unify_tuples(tuples: &[&[Type]]) -> Option<Type> {
    let (first, rest) = tuples.split_first()?;
    if rest.iter().all(|tuple| tuple.len() == first.len()) {
        let elements = (0..first.len()).map(|index| {
            let types: Vec<Type> = tuples.iter().map(|tuple| tuple[index].clone()).collect();
            unify(&types)
        });
        return elements.collect::<Option<Vec<_>>>().map(Type::tuple);
    }
    let all: Vec<Type> = tuples.iter().flat_map(|tuple| tuple.iter().cloned()).collect();
    unify(&all).map(Type::list)
}

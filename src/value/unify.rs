//! The one type that several values can all be converted to.

use std::collections::BTreeMap;

use crate::{Str, Type};

/// The type that all of `types` can be converted to; none if there is no such type.
///
/// Rules: recorded results of conditionals and `tolist` of mixed elements.
pub fn unify(types: &[Type]) -> Option<Type> {
    let known: Vec<&Type> = types.iter().filter(|ty| **ty != Type::Any).collect();
    let Some(first) = known.first() else { return Some(Type::Any) };
    let is_open = known.len() < types.len();
    if known.iter().all(|ty| ty.is_primitive()) {
        // Numbers and bools have no common form but text, and that only where there is text.
        let common = match known.iter().all(|ty| ty == first) {
            true => Some((*first).clone()),
            false => known.contains(&&Type::String).then_some(Type::String),
        };
        return common.or(is_open.then_some(Type::Any));
    }
    let has = |wanted: fn(&Type) -> bool| known.iter().any(|ty| wanted(ty));
    if has(|ty| matches!(ty, Type::Object(_))) && has(|ty| matches!(ty, Type::Tuple(_))) {
        return None;
    }
    // What has no type yet may become something that only fits it if nothing is said of the rest.
    if is_open {
        return Some(Type::Any);
    }
    if known.iter().all(|ty| ty == first) {
        return Some((*first).clone());
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
    let is_map = |ty: &Type| matches!(ty, Type::Map(_) | Type::Object(_));
    if known.iter().all(|ty| is_map(ty)) {
        return unify(&elements(&known)).map(Type::map);
    }
    unify_sequences(&known)
}

/// Lists count more than sets, and both more than tuples. Elements of a tuple have a say in the type
/// of a list, but not of a set; those of a set have none in that of a list.
fn unify_sequences(types: &[&Type]) -> Option<Type> {
    let of = |wanted: fn(&Type) -> bool| -> Vec<&Type> {
        types.iter().copied().filter(|ty| wanted(ty)).collect()
    };
    let lists = of(|ty| matches!(ty, Type::List(_)));
    let sets = of(|ty| matches!(ty, Type::Set(_)));
    let tuples = of(|ty| matches!(ty, Type::Tuple(_)));
    if lists.len() + sets.len() + tuples.len() < types.len() {
        return None;
    }
    match (lists.is_empty(), sets.is_empty()) {
        (false, true) => unify(&elements(types)).map(Type::list),
        (false, false) => unify(&elements(&lists)).map(Type::list),
        (true, _) => unify(&elements(&sets)).map(Type::set),
    }
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

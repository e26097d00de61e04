//! Types of values, and type constraints (which may have `any` and optional attributes).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::Str;

/// The type of a value, or a constraint on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Not known yet (of a value), or anything (of a constraint): `any`.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Arc<Type>),
    /// `set(T)`
    Set(Arc<Type>),
    /// `map(T)`
    Map(Arc<Type>),
    /// `tuple([T, ...])`
    Tuple(Arc<[Type]>),
    /// `object({name = T, ...})`
    Object(Arc<ObjectType>),
}

/// Attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectType {
    /// All attributes with their types.
    pub attributes: BTreeMap<Str, Type>,
    /// Those that a value given for this constraint may lack; always empty in a value's type.
    pub optional: BTreeSet<Str>,
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Self {
        Type::List(Arc::new(element))
    }

    /// `set(element)`
    pub fn set(element: Type) -> Self {
        Type::Set(Arc::new(element))
    }

    /// `map(element)`
    pub fn map(element: Type) -> Self {
        Type::Map(Arc::new(element))
    }

    /// `tuple([elements])`
    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Self {
        Type::Tuple(elements.into_iter().collect())
    }

    /// `object({attributes})`, none of them optional.
    pub fn object<N: Into<Str>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Self {
        let attributes = attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect();
        Type::Object(Arc::new(ObjectType { attributes, optional: BTreeSet::new() }))
    }

    /// The type of a collection's elements.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
            _ => None,
        }
    }

    /// `bool`, `number` or `string`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// Whether `any` occurs in it.
    pub fn has_any(&self) -> bool {
        match self {
            Type::Any => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_any(),
            Type::Tuple(elements) => elements.iter().any(Type::has_any),
            Type::Object(object) => object.attributes.values().any(Type::has_any),
        }
    }
}

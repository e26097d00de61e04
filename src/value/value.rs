//! Values. Cheap to clone: whatever is not small lies behind an `Arc`.
//!
//! A value knows its type; collections know their element type even when empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Marks, Number, Refinements, Str, Type, Unknown};

/// A value of the language, with its marks.
///
/// Equality is structural and includes types and marks; the language's `==` is
/// another thing (it may be unknown).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

/// What a value is, apart from its marks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No value, of a type (`Any` for the literal `null`).
    Null(Type),
    /// Known only after apply.
    Unknown(Arc<Unknown>),
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text in Unicode's normal form C.
    String(Str),
    /// A list.
    List(Arc<Sequence>),
    /// A set: no element twice, in the order in which the language iterates over sets.
    Set(Arc<Sequence>),
    /// A map.
    Map(Arc<Table>),
    /// A tuple.
    Tuple(Arc<[Value]>),
    /// An object.
    Object(Arc<BTreeMap<Str, Value>>),
}

/// Elements of a list or set, all of one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sequence {
    /// The type of all elements.
    pub element: Type,
    /// The elements.
    pub items: Vec<Value>,
}

/// Elements of a map, all of one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// The type of all elements.
    pub element: Type,
    /// The elements by key.
    pub items: BTreeMap<Str, Value>,
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Value { kind, marks: Marks::NONE }
    }
}

impl Value {
    /// The literal `null`: no value, of no type in particular.
    pub fn null() -> Self {
        Kind::Null(Type::Any).into()
    }

    /// No value, of type `ty`.
    pub fn null_of(ty: Type) -> Self {
        Kind::Null(ty).into()
    }

    /// A value of type `ty` that is known only after apply.
    pub fn unknown(ty: Type) -> Self {
        Self::unknown_refined(ty, Refinements::default())
    }

    /// An unknown value with promises about it; a known one if only one value keeps them.
    pub fn unknown_refined(ty: Type, refinements: Refinements) -> Self {
        if let Some(only) = refinements.only_value(&ty) {
            return only;
        }
        Kind::Unknown(Arc::new(Unknown { ty, refinements })).into()
    }

    /// A list. The caller sees to it that all `items` are of type `element`.
    pub fn list(element: Type, items: Vec<Value>) -> Self {
        Kind::List(Arc::new(Sequence { element, items })).into()
    }

    /// A map. The caller sees to it that all `items` are of type `element`.
    pub fn map(element: Type, items: BTreeMap<Str, Value>) -> Self {
        Kind::Map(Arc::new(Table { element, items })).into()
    }

    /// A tuple.
    pub fn tuple(items: impl IntoIterator<Item = Value>) -> Self {
        Kind::Tuple(items.into_iter().collect()).into()
    }

    /// An object.
    pub fn object<N: Into<Str>>(attributes: impl IntoIterator<Item = (N, Value)>) -> Self {
        let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Kind::Object(Arc::new(attributes)).into()
    }

    /// What it is, apart from its marks.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What it is, apart from its marks.
    pub fn into_kind(self) -> Kind {
        self.kind
    }

    /// The marks on the value itself, not those inside it.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// With `marks` added on the value itself.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks |= marks;
        self
    }

    /// With just these marks on the value itself.
    #[must_use]
    pub fn replace_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(ty) => ty.clone(),
            Kind::Unknown(unknown) => unknown.ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(list) => Type::list(list.element.clone()),
            Kind::Set(set) => Type::set(set.element.clone()),
            Kind::Map(map) => Type::map(map.element.clone()),
            Kind::Tuple(items) => Type::tuple(items.iter().map(Value::ty)),
            Kind::Object(attributes) => {
                Type::object(attributes.iter().map(|(name, value)| (name.clone(), value.ty())))
            }
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Whether the value itself is known; there may be unknown values inside it.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(_))
    }

    /// Whether the value and everything in it is known.
    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Value::is_wholly_known)
    }

    /// All marks on the value and inside it.
    pub fn deep_marks(&self) -> Marks {
        self.children().fold(self.marks, |marks, child| marks | child.deep_marks())
    }

    /// Whether the value itself or anything in it has `marks`.
    pub fn has_mark(&self, marks: Marks) -> bool {
        self.marks.contains(marks) || self.children().any(|child| child.has_mark(marks))
    }

    /// Whether a number in it is infinite, which JSON has no way to write.
    pub fn has_infinity(&self) -> bool {
        match &self.kind {
            Kind::Number(number) => !number.is_finite(),
            _ => self.children().any(Value::has_infinity),
        }
    }

    /// The values directly inside it, in order.
    pub fn children(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        match &self.kind {
            Kind::List(sequence) | Kind::Set(sequence) => Box::new(sequence.items.iter()),
            Kind::Map(table) => Box::new(table.items.values()),
            Kind::Tuple(items) => Box::new(items.iter()),
            Kind::Object(attributes) => Box::new(attributes.values()),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The text, if it is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is a known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The number, if it is a known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The attribute `name` of a known object, or the element `name` of a known map.
    /// Marks on the object itself are not added to it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match &self.kind {
            Kind::Object(attributes) => attributes.get(name),
            Kind::Map(table) => table.items.get(name),
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple.
    pub fn as_slice(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(sequence) | Kind::Set(sequence) => Some(&sequence.items),
            Kind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The attributes of a known object, or the elements of a known map.
    pub fn as_table(&self) -> Option<&BTreeMap<Str, Value>> {
        match &self.kind {
            Kind::Object(attributes) => Some(attributes),
            Kind::Map(table) => Some(&table.items),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Kind::Bool(truth).into()
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Kind::Number(number).into()
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Number::from(number).into()
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Number::from(number).into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Self::string(text)
    }
}

impl Value {
    /// A string, brought into Unicode's normal form C.
    pub fn string(text: impl Into<Str> + AsRef<str>) -> Self {
        use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
        let normal =
            text.as_ref().is_ascii() || is_nfc_quick(text.as_ref().chars()) == IsNormalized::Yes;
        let text = if normal { text.into() } else { text.as_ref().nfc().collect() };
        Kind::String(text).into()
    }
}

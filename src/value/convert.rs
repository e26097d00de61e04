//! Conversion of values to types, as the language does it for arguments, variables and functions.

use std::collections::BTreeMap;

use crate::{Kind, Number, ObjectType, Path, Refinements, Step, Str, Type, Unknown, Value, unify};

/// Why a value cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong there, as a clause: `a number is required`.
    pub message: String,
}

impl std::fmt::Display for ConvertError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.0.is_empty() {
            return f.write_str(&self.message);
        }
        match self.path.0.as_slice() {
            [Step::Attribute(name)] => write!(f, "attribute \"{name}\": {}", self.message),
            _ => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

impl std::error::Error for ConvertError {}

/// `value` as a value of type `wanted`. Marks stay, unknown values stay unknown. `any` in `wanted`
/// keeps the value's type; elements of a collection of `any` get one type that fits all.
///
/// # Errors
/// Where and why it cannot be.
pub fn convert(value: &Value, wanted: &Type) -> Result<Value, ConvertError> {
    let converted = convert_at(value, wanted, &mut Vec::new())?;
    Ok(converted.with_marks(value.marks()))
}

fn error<T>(way: &[Step], message: impl Into<String>) -> Result<T, ConvertError> {
    Err(ConvertError { path: Path(way.to_vec()), message: message.into() })
}

fn convert_at(value: &Value, wanted: &Type, way: &mut Vec<Step>) -> Result<Value, ConvertError> {
    if *wanted == Type::Any {
        return Ok(value.clone());
    }
    match value.kind() {
        Kind::Null(ty) if !possible(ty, wanted) => return error(way, required(wanted)),
        Kind::Null(_) => {
            return Ok(Value::null_of(without_optional(wanted)).with_marks(value.marks()));
        }
        Kind::Unknown(unknown) => {
            if !possible(&unknown.ty, wanted) {
                return error(way, required(wanted));
            }
            if unknown.ty == *wanted {
                return Ok(value.clone());
            }
            return Ok(unknown_as(value, unknown, wanted).with_marks(value.marks()));
        }
        _ => {}
    }
    // Without elements there is just the type that might not fit.
    if wanted.element().is_some()
        && value.ty().element().is_some()
        && value.children().next().is_none()
        && !possible(&value.ty(), wanted)
    {
        return error(way, required(wanted));
    }
    let converted = match wanted {
        Type::Any => value.clone(),
        Type::Bool | Type::Number | Type::String => match primitive(value, wanted) {
            Ok(converted) => converted,
            Err(message) => return error(way, message),
        },
        Type::List(element) | Type::Set(element) => {
            let is_list = matches!(wanted, Type::List(_));
            let Some(items) = value.as_slice() else { return error(way, required(wanted)) };
            let given = value.ty().element().cloned();
            let (element, items) = convert_items(items, given, element, way, is_list)?;
            if is_list { Value::list(element, items) } else { Value::set(element, items) }
        }
        Type::Map(element) => {
            let Some(table) = value.as_table() else { return error(way, required(wanted)) };
            convert_map(table, value.ty().element(), element, way)?
        }
        Type::Tuple(elements) => {
            let Some(items) = value.as_slice().filter(|items| items.len() == elements.len()) else {
                return error(way, required(wanted));
            };
            let mut converted = Vec::with_capacity(items.len());
            for ((index, item), element) in (0..).zip(items).zip(elements.iter()) {
                way.push(Step::Index(index));
                converted.push(convert_at(item, element, way)?);
                way.pop();
            }
            Value::tuple(converted)
        }
        Type::Object(object) => {
            let Some(table) = value.as_table() else { return error(way, required(wanted)) };
            convert_object(table, object, way)?
        }
    };
    Ok(converted.with_marks(value.marks()))
}

/// An unknown value of another type: it stays certain that it is not null, and how many elements what
/// is made from an object or tuple has.
fn unknown_as(value: &Value, unknown: &Unknown, wanted: &Type) -> Value {
    let (least, most) = value.length_bounds();
    let (min_length, max_length) = match (&unknown.ty, wanted) {
        (Type::Object(_), Type::Map(_)) | (Type::Tuple(_), Type::List(_)) => (Some(least), most),
        // Elements may turn out to be the same.
        (Type::Tuple(_) | Type::List(_), Type::Set(_)) => (Some(least.min(1)), most),
        (Type::List(_) | Type::Set(_), Type::List(_))
        | (Type::Set(_), Type::Set(_))
        | (Type::Map(_), Type::Map(_)) => (Some(least), most),
        _ => (None, None),
    };
    let not_null = unknown.refinements.not_null;
    let promised = Refinements { not_null, min_length, max_length, ..Refinements::default() };
    Value::unknown_refined(settled_type(&unknown.ty, wanted), promised)
}

/// The type that something of type `from` gets where it is converted to `wanted`, as far as that can
/// be said: `any` in it is what is there.
fn settled_type(from: &Type, wanted: &Type) -> Type {
    match (from, wanted) {
        (from, Type::Any) => from.clone(),
        (from, Type::List(element)) => Type::list(settled_element(from, element)),
        (from, Type::Set(element)) => Type::set(settled_element(from, element)),
        (from, Type::Map(element)) => Type::map(settled_element(from, element)),
        (_, wanted) => without_optional(wanted),
    }
}

fn settled_element(from: &Type, wanted: &Type) -> Type {
    if !wanted.has_any() {
        return without_optional(wanted);
    }
    let inside: Vec<Type> = match from {
        Type::Tuple(elements) => elements.to_vec(),
        Type::Object(object) => object.attributes.values().cloned().collect(),
        other => other.element().cloned().into_iter().collect(),
    };
    let settled: Vec<Type> = inside.iter().map(|from| settled_type(from, wanted)).collect();
    unify(&settled).unwrap_or(Type::Any)
}

/// `given` is the type of the elements, if they all have one.
fn convert_items(
    items: &[Value],
    given: Option<Type>,
    element: &Type,
    way: &mut Vec<Step>,
    is_list: bool,
) -> Result<(Type, Vec<Value>), ConvertError> {
    let element = if let Some(given) =
        given.filter(|given| element.has_any() && (!given.has_any() || items.is_empty()))
    {
        settled_type(&given, element)
    } else if element.has_any() {
        let types: Vec<Type> = items.iter().map(Value::ty).collect();
        let kind = if is_list { "list" } else { "set" };
        match element_type(element, &types) {
            // Only where it is the same in all elements may something have no type.
            Some(ty) if !ty.has_any() || types.iter().all(|other| *other == ty) => ty,
            _ => return error(way, format!("all {kind} elements must have the same type")),
        }
    } else {
        element.clone()
    };
    let mut converted = Vec::with_capacity(items.len());
    for (index, item) in (0..).zip(items) {
        way.push(Step::Index(index));
        converted.push(convert_at(item, &element, way)?);
        way.pop();
    }
    Ok((settled(&element, &converted), converted))
}

fn convert_map(
    table: &BTreeMap<Str, Value>,
    given: Option<&Type>,
    element: &Type,
    way: &mut Vec<Step>,
) -> Result<Value, ConvertError> {
    let element = if let Some(given) = given.filter(|given| element.has_any() && !given.has_any()) {
        settled_type(given, element)
    } else if element.has_any() {
        let types: Vec<Type> = table.values().map(Value::ty).collect();
        let types: Vec<Type> = types.into_iter().filter(|ty| *ty != Type::Any).collect();
        match element_type(element, &types) {
            Some(ty) => ty,
            None => return error(way, "all map elements must have the same type"),
        }
    } else {
        element.clone()
    };
    let mut items = BTreeMap::new();
    for (key, item) in table {
        way.push(Step::Key(key.clone()));
        items.insert(key.clone(), convert_at(item, &element, way)?);
        way.pop();
    }
    let values: Vec<Value> = items.values().cloned().collect();
    Ok(Value::map(settled(&element, &values), items))
}

/// The type of a collection's elements once they are converted: without optional attributes, and
/// with what stood for `any` filled in.
fn settled(element: &Type, converted: &[Value]) -> Type {
    let element = without_optional(element);
    if !element.has_any() {
        return element;
    }
    let types: Vec<Type> = converted.iter().map(Value::ty).collect();
    unify(&types).unwrap_or(element)
}

/// The type for elements of `types` where `wanted` has `any` in it.
fn element_type(wanted: &Type, types: &[Type]) -> Option<Type> {
    if *wanted == Type::Any { unify(types) } else { Some(wanted.clone()) }
}

fn convert_object(
    table: &BTreeMap<Str, Value>,
    object: &ObjectType,
    way: &mut Vec<Step>,
) -> Result<Value, ConvertError> {
    let missing: Vec<_> = object
        .attributes
        .keys()
        .filter(|name| !table.contains_key(*name) && !object.optional.contains(*name))
        .map(|name| format!("\"{name}\""))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return error(way, format!("attribute {one} is required")),
        many => return error(way, format!("attributes {} are required", list_of(many))),
    }
    let mut attributes = BTreeMap::new();
    for (name, ty) in &object.attributes {
        way.push(Step::Attribute(name.clone()));
        let converted = match table.get(name) {
            Some(given) => convert_at(given, ty, way)?,
            None => Value::null_of(without_optional(ty)),
        };
        way.pop();
        attributes.insert(name.clone(), converted);
    }
    Ok(Kind::Object(attributes.into()).into())
}

fn list_of(names: &[String]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(", "),
    }
}

fn primitive(value: &Value, wanted: &Type) -> Result<Value, String> {
    let converted = match (value.kind(), wanted) {
        (Kind::Bool(_), Type::Bool)
        | (Kind::Number(_), Type::Number)
        | (Kind::String(_), Type::String) => Some(value.clone().replace_marks(crate::Marks::NONE)),
        (Kind::Bool(truth), Type::String) => {
            Some(Value::from(if *truth { "true" } else { "false" }))
        }
        (Kind::Number(number), Type::String) => Some(Value::from(number.to_string())),
        (Kind::String(text), Type::Bool) => match text.as_str() {
            "true" | "1" => Some(Value::from(true)),
            "false" | "0" => Some(Value::from(false)),
            "True" | "TRUE" | "False" | "FALSE" => {
                let lower = text.to_lowercase();
                return Err(format!(
                    "a bool is required; to convert from string, use lowercase \"{lower}\""
                ));
            }
            _ => None,
        },
        (Kind::String(text), Type::Number) => Number::parse(text).map(Value::from),
        _ => None,
    };
    converted.ok_or_else(|| required(wanted))
}

/// Whether a value of type `from` might be convertible to `wanted`.
fn possible(from: &Type, wanted: &Type) -> bool {
    match (from, wanted) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Bool, Type::Number) | (Type::Number, Type::Bool) => false,
        (from, wanted) if from.is_primitive() => wanted.is_primitive(),
        (Type::List(from) | Type::Set(from), Type::List(wanted) | Type::Set(wanted))
        | (Type::Map(from), Type::Map(wanted)) => possible(from, wanted),
        (Type::Tuple(from), Type::List(wanted) | Type::Set(wanted)) if **wanted == Type::Any => {
            let common = unify(from);
            common.is_some_and(|ty| !ty.has_any() || from.iter().all(|other| *other == ty))
        }
        (Type::Object(from), Type::Map(wanted)) if **wanted == Type::Any => {
            unify(&from.attributes.values().cloned().collect::<Vec<_>>()).is_some()
        }
        (Type::Tuple(from), Type::List(wanted) | Type::Set(wanted)) => {
            from.iter().all(|from| possible(from, wanted))
        }
        (Type::Tuple(from), Type::Tuple(wanted)) => {
            from.len() == wanted.len()
                && from.iter().zip(wanted.iter()).all(|(f, w)| possible(f, w))
        }
        (Type::List(_) | Type::Set(_), Type::Tuple(_)) => true,
        (Type::Object(from), Type::Map(wanted)) => {
            from.attributes.values().all(|from| possible(from, wanted))
        }
        (Type::Map(from), Type::Object(wanted)) => {
            wanted.attributes.values().all(|wanted| possible(from, wanted))
        }
        (Type::Object(from), Type::Object(wanted)) => {
            wanted.attributes.iter().all(|(name, ty)| match from.attributes.get(name) {
                Some(from) => possible(from, ty),
                None => wanted.optional.contains(name),
            })
        }
        _ => false,
    }
}

/// The type that values converted to a constraint have: no attribute is optional any more.
pub(crate) fn without_optional(ty: &Type) -> Type {
    match ty {
        Type::List(element) => Type::list(without_optional(element)),
        Type::Set(element) => Type::set(without_optional(element)),
        Type::Map(element) => Type::map(without_optional(element)),
        Type::Tuple(elements) => Type::tuple(elements.iter().map(without_optional)),
        Type::Object(object) => Type::object(
            object.attributes.iter().map(|(name, ty)| (name.clone(), without_optional(ty))),
        ),
        primitive => primitive.clone(),
    }
}

fn required(wanted: &Type) -> String {
    match wanted {
        Type::Any => "a value is required".to_owned(),
        Type::Bool => "a bool is required".to_owned(),
        Type::Number => "a number is required".to_owned(),
        Type::String => "string required".to_owned(),
        Type::List(_) | Type::Set(_) | Type::Map(_) => format!("{} required", wanted.friendly()),
        Type::Tuple(_) => "tuple required".to_owned(),
        Type::Object(_) => "object required".to_owned(),
    }
}

impl Type {
    /// How messages name the type: `list of string`.
    pub fn friendly(&self) -> String {
        match self {
            Type::Any => "any single type".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Number => "number".to_owned(),
            Type::String => "string".to_owned(),
            Type::List(element) => format!("list of {}", element.friendly()),
            Type::Set(element) => format!("set of {}", element.friendly()),
            Type::Map(element) => format!("map of {}", element.friendly()),
            Type::Tuple(_) => "tuple".to_owned(),
            Type::Object(_) => "object".to_owned(),
        }
    }

    /// The type of a value that was converted to this constraint.
    #[must_use]
    pub fn without_optional(&self) -> Type {
        without_optional(self)
    }
}

#[cfg(test)]
mod tests;

//! What a function takes and gives.

use std::path::Path;

use skyform_value::{Number, Str, Type, Value};

use super::FunctionError;
use crate::Files;

/// What functions need of the world.
pub struct FunctionContext<'a> {
    /// Reads files.
    pub files: &'a dyn Files,
    /// What relative paths start from.
    pub base_dir: &'a Path,
    /// `plantimestamp()`; none where it is known only later.
    pub plan_timestamp: Option<&'a str>,
    /// `timestamp()`; none while planning.
    pub now: Option<&'a str>,
    /// Fills bytes with random ones.
    pub random: &'a dyn Fn(&mut [u8]),
    /// Renders a template: its text, its name for messages, its variables.
    pub template: &'a Render<'a>,
}

/// Renders a template: its text, its name for messages, its variables.
pub type Render<'a> = dyn Fn(&str, &str, &Value) -> Result<Value, String> + 'a;

/// A parameter.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub ty: fn() -> Type,
    pub accepts: Accepts,
}

/// What a parameter takes beyond plain known values.
#[derive(Clone, Copy, Default)]
pub(super) struct Accepts {
    /// Null.
    pub null: bool,
    /// A known value with unknown ones inside.
    pub partly_unknown: bool,
    /// An unknown value.
    pub unknown: bool,
    /// Marks: the function itself puts them on its result.
    pub marked: bool,
}

/// A function.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    pub variadic: Option<Parameter>,
    pub returns: fn() -> Type,
    pub run: fn(&Arguments<'_>) -> Answer,
}

pub(super) type Answer = Result<Value, FunctionError>;

/// Arguments of a call, converted to their parameters' types.
pub(super) struct Arguments<'a> {
    pub values: &'a [Value],
    pub context: &'a FunctionContext<'a>,
    pub function: &'a Function,
}

impl Arguments<'_> {
    /// The text of an argument that is a known string.
    pub(super) fn text(&self, index: usize) -> &str {
        self.values.get(index).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self, index: usize) -> Number {
        let number = self.values.get(index).and_then(Value::as_number);
        number.cloned().unwrap_or(Number::ZERO)
    }

    /// A whole number that fits, or an error at the argument.
    pub(super) fn whole(&self, index: usize) -> Result<i64, FunctionError> {
        let number = self.number(index);
        number.to_i64().ok_or_else(|| self.wrong(index, "a whole number is required"))
    }

    pub(super) fn items(&self, index: usize) -> &[Value] {
        self.values.get(index).and_then(Value::as_slice).unwrap_or_default()
    }

    /// An error about an argument.
    pub(super) fn wrong(&self, index: usize, message: impl Into<String>) -> FunctionError {
        let parameter = self.function.parameters.get(index).or(self.function.variadic.as_ref());
        let parameter = parameter.map_or("argument", |parameter| parameter.name);
        FunctionError::Argument { index, parameter, message: message.into() }
    }
}

pub(super) const fn parameter(name: &'static str, ty: fn() -> Type) -> Parameter {
    let accepts = Accepts { null: false, partly_unknown: false, unknown: false, marked: false };
    Parameter { name, ty, accepts }
}

/// Takes collections with unknown elements.
pub(super) const fn partly(name: &'static str, ty: fn() -> Type) -> Parameter {
    let accepts = Accepts { null: false, partly_unknown: true, unknown: false, marked: false };
    Parameter { name, ty, accepts }
}

/// Takes collections with unknown elements, and null.
pub(super) const fn nullable(name: &'static str, ty: fn() -> Type) -> Parameter {
    let accepts = Accepts { null: true, partly_unknown: true, unknown: false, marked: false };
    Parameter { name, ty, accepts }
}

/// Takes what is known only after apply.
pub(super) const fn unknown(name: &'static str, ty: fn() -> Type) -> Parameter {
    let accepts = Accepts { null: false, partly_unknown: true, unknown: true, marked: false };
    Parameter { name, ty, accepts }
}

/// Takes anything, marks and unknown values among it.
pub(super) const fn anything(name: &'static str) -> Parameter {
    let accepts = Accepts { null: true, partly_unknown: true, unknown: true, marked: true };
    Parameter { name, ty: any, accepts }
}

pub(super) const fn function(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: fn() -> Type,
    run: fn(&Arguments<'_>) -> Answer,
) -> Function {
    Function { name, parameters, variadic: None, returns, run }
}

pub(super) const fn variadic(
    name: &'static str,
    parameters: &'static [Parameter],
    rest: Parameter,
    returns: fn() -> Type,
    run: fn(&Arguments<'_>) -> Answer,
) -> Function {
    Function { name, parameters, variadic: Some(rest), returns, run }
}

pub(super) fn any() -> Type {
    Type::Any
}
pub(super) fn string() -> Type {
    Type::String
}
pub(super) fn number() -> Type {
    Type::Number
}
pub(super) fn bool() -> Type {
    Type::Bool
}
pub(super) fn list_of_string() -> Type {
    Type::list(Type::String)
}
pub(super) fn list_of_any() -> Type {
    Type::list(Type::Any)
}
pub(super) fn set_of_any() -> Type {
    Type::set(Type::Any)
}
pub(super) fn set_of_string() -> Type {
    Type::set(Type::String)
}

pub(super) fn strings<S: Into<Str> + AsRef<str>>(items: impl IntoIterator<Item = S>) -> Value {
    Value::list(Type::String, items.into_iter().map(|item| Value::string(item)).collect())
}

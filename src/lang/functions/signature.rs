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
    /// A value of which not even the type is known.
    pub open: bool,
    /// What becomes of marks.
    pub marks: MarksTo,
}

/// Where marks of an argument go.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum MarksTo {
    /// All are on the result.
    #[default]
    Result,
    /// Those on the argument itself are on the result, the others stay on what is inside. On a result
    /// that is unknown because an argument is there are none.
    Parts,
    /// The function itself puts them on its result.
    Function,
}

/// A function.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    pub variadic: Option<Parameter>,
    /// The type of the result; `any` where it depends on the arguments.
    pub returns: fn() -> Type,
    /// The type of the result of these arguments, which need not be known.
    pub result: Option<fn(&Arguments<'_>) -> ResultType>,
    /// Whether the result can be null.
    pub may_be_null: bool,
    pub run: fn(&Arguments<'_>) -> Answer,
}

impl Function {
    /// With a way to tell the result's type before all arguments are known.
    pub(super) const fn typed(mut self, result: fn(&Arguments<'_>) -> ResultType) -> Self {
        self.result = Some(result);
        self
    }

    /// That may give null.
    pub(super) const fn may_be_null(mut self) -> Self {
        self.may_be_null = true;
        self
    }
}

pub(super) type ResultType = Result<Type, FunctionError>;
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
    let accepts = Accepts {
        null: false,
        partly_unknown: false,
        unknown: false,
        open: false,
        marks: MarksTo::Result,
    };
    Parameter { name, ty, accepts }
}

impl Parameter {
    /// Takes collections with unknown elements.
    pub(super) const fn partly(mut self) -> Self {
        self.accepts.partly_unknown = true;
        self
    }

    /// Takes null.
    pub(super) const fn null(mut self) -> Self {
        self.accepts.null = true;
        self
    }

    /// Takes what is known only after apply.
    pub(super) const fn unknown(mut self) -> Self {
        self.accepts.partly_unknown = true;
        self.accepts.unknown = true;
        self
    }

    /// Takes what has no type yet.
    pub(super) const fn open(mut self) -> Self {
        self.accepts.open = true;
        self
    }

    /// Leaves marks inside of the argument where they are.
    pub(super) const fn marks_stay(mut self) -> Self {
        self.accepts.marks = MarksTo::Parts;
        self
    }

    /// The function sees to marks itself.
    pub(super) const fn marked(mut self) -> Self {
        self.accepts.marks = MarksTo::Function;
        self
    }
}

/// Takes collections with unknown elements.
pub(super) const fn partly(name: &'static str, ty: fn() -> Type) -> Parameter {
    parameter(name, ty).partly()
}

/// Takes what is known only after apply.
pub(super) const fn unknown(name: &'static str, ty: fn() -> Type) -> Parameter {
    parameter(name, ty).unknown()
}

/// Takes collections whose elements may be unknown and have marks, which stay on them.
pub(super) const fn parts(name: &'static str, ty: fn() -> Type) -> Parameter {
    parameter(name, ty).partly().marks_stay()
}

/// Takes anything, marks and unknown values among it.
pub(super) const fn anything(name: &'static str) -> Parameter {
    parameter(name, any).null().unknown().open().marked()
}

pub(super) const fn function(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: fn() -> Type,
    run: fn(&Arguments<'_>) -> Answer,
) -> Function {
    Function { name, parameters, variadic: None, returns, result: None, may_be_null: false, run }
}

pub(super) const fn variadic(
    name: &'static str,
    parameters: &'static [Parameter],
    rest: Parameter,
    returns: fn() -> Type,
    run: fn(&Arguments<'_>) -> Answer,
) -> Function {
    let variadic = Some(rest);
    Function { name, parameters, variadic, returns, result: None, may_be_null: false, run }
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

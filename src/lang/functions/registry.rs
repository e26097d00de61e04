//! The table of functions, and what is the same in every call: arguments counted and converted,
//! null refused, unknown values and marks passed on.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use skyform_value::{Marks, Type, Value, convert};

use super::signature::{Arguments, Function, FunctionContext, MarksTo, Parameter};
use super::{
    FunctionError, collection, encoding, filesystem, format, hash, ip, maps, numeric, position,
    rsa, sets, string, terraform, text_search, time, types,
};

static FUNCTIONS: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let families = [
        collection::FUNCTIONS,
        encoding::FUNCTIONS,
        filesystem::FUNCTIONS,
        format::FUNCTIONS,
        hash::FUNCTIONS,
        ip::FUNCTIONS,
        maps::FUNCTIONS,
        position::FUNCTIONS,
        numeric::FUNCTIONS,
        rsa::FUNCTIONS,
        sets::FUNCTIONS,
        string::FUNCTIONS,
        terraform::FUNCTIONS,
        text_search::FUNCTIONS,
        time::FUNCTIONS,
        types::FUNCTIONS,
    ];
    families.into_iter().flatten().map(|function| (function.name, *function)).collect()
});

/// Whether there is a function of this name that [`call`] can call.
pub fn exists(name: &str) -> bool {
    FUNCTIONS.contains_key(name)
}

/// Names of all functions, sorted; `try` and `can` too.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied().chain(["can", "try"])
}

/// What a function takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// Parameters that must be given, in order.
    pub parameters: Vec<SignatureParameter>,
    /// The parameter for any number of arguments behind them.
    pub variadic: Option<SignatureParameter>,
    /// The type of the result; `any` where it depends on the arguments.
    pub returns: Type,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct SignatureParameter {
    /// Its name.
    pub name: &'static str,
    /// What arguments are converted to.
    pub ty: Type,
    /// Whether null is taken.
    pub nullable: bool,
}

/// Signatures of all functions by name, without those that evaluation itself does (`can`, `try`).
pub fn signatures() -> impl Iterator<Item = Signature> {
    let parameter = |parameter: &Parameter| SignatureParameter {
        name: parameter.name,
        ty: (parameter.ty)(),
        nullable: parameter.accepts.null,
    };
    FUNCTIONS.values().map(move |function| Signature {
        name: function.name,
        parameters: function.parameters.iter().map(parameter).collect(),
        variadic: function.variadic.as_ref().map(parameter),
        returns: (function.returns)(),
    })
}

/// Calls a function.
///
/// # Errors
/// If an argument is missing, too much or not suitable, or the function fails.
pub fn call(
    name: &str,
    arguments: &[Value],
    context: &FunctionContext<'_>,
) -> Result<Value, FunctionError> {
    let function = FUNCTIONS
        .get(name)
        .ok_or_else(|| FunctionError::Failed(format!("there is no function named {name}")))?;
    check_count(function, arguments.len())?;
    let taken = take(function, arguments)?;
    let arguments = Arguments { values: &taken.values, context, function };
    if taken.open {
        return Ok(Value::unknown(Type::Any).with_marks(taken.marks));
    }
    let (value, marks) = if taken.unknown {
        let ty = match function.result {
            Some(result) => result(&arguments)?,
            None => (function.returns)(),
        };
        (Value::unknown(ty), taken.marks)
    } else {
        ((function.run)(&arguments)?, taken.marks | taken.outer_marks)
    };
    let value = if function.may_be_null { value } else { value.not_null() };
    Ok(value.with_marks(marks))
}

/// Arguments as a function takes them.
struct Taken {
    values: Vec<Value>,
    /// Marks that are on the result in any case.
    marks: Marks,
    /// Marks that are on a result that the function has made.
    outer_marks: Marks,
    /// Whether an argument is unknown where the function needs to know it.
    unknown: bool,
    /// Whether not even the type of an argument is known where the function needs to know it.
    open: bool,
}

fn take(function: &Function, arguments: &[Value]) -> Result<Taken, FunctionError> {
    let values = Vec::with_capacity(arguments.len());
    let (marks, outer_marks) = (Marks::NONE, Marks::NONE);
    let mut taken = Taken { values, marks, outer_marks, unknown: false, open: false };
    for (index, given) in arguments.iter().enumerate() {
        let parameter = function.parameters.get(index).or(function.variadic.as_ref());
        let Some(Parameter { name, ty, accepts }) = parameter else { continue };
        let wrong = |message: String| FunctionError::Argument { index, parameter: name, message };
        if given.is_null() && !accepts.null && !taken.open {
            return Err(wrong("argument must not be null".to_owned()));
        }
        let bare = match accepts.marks {
            MarksTo::Function => given.clone(),
            MarksTo::Parts => {
                taken.outer_marks |= given.marks();
                given.clone().replace_marks(Marks::NONE)
            }
            MarksTo::Result => {
                taken.marks |= given.deep_marks();
                given.unmarked()
            }
        };
        let value = convert(&bare, &ty()).map_err(|error| wrong(error.to_string()))?;
        taken.open |= !accepts.open && value.ty() == Type::Any;
        taken.unknown |= !accepts.unknown
            && (!value.is_known() || !accepts.partly_unknown && !value.is_wholly_known());
        taken.values.push(value);
    }
    Ok(taken)
}

fn check_count(function: &Function, count: usize) -> Result<(), FunctionError> {
    if let Some(missing) = function.parameters.get(count) {
        return Err(FunctionError::TooFew { missing: missing.name });
    }
    if function.variadic.is_none() && count > function.parameters.len() {
        return Err(FunctionError::TooMany { most: function.parameters.len() });
    }
    Ok(())
}

//! The table of functions, and what is the same in every call: arguments counted and converted,
//! null refused, unknown values and marks passed on.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use skyform_value::{Marks, Type, Value, convert};

use super::signature::{Answer, Arguments, Function, FunctionContext, Parameter};
use super::{
    FunctionError, collection, encoding, filesystem, format, hash, ip, numeric, rsa, sets, string,
    terraform, text_search, time, types,
};

static FUNCTIONS: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let families = [
        collection::FUNCTIONS,
        encoding::FUNCTIONS,
        filesystem::FUNCTIONS,
        format::FUNCTIONS,
        hash::FUNCTIONS,
        ip::FUNCTIONS,
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
    let mut marks = Marks::NONE;
    let mut unknown = false;
    let mut values = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        let parameter = function.parameters.get(index).or(function.variadic.as_ref());
        let Some(parameter) = parameter else { continue };
        let wrong =
            |message: String| FunctionError::Argument { index, parameter: parameter.name, message };
        if argument.is_null() && !parameter.accepts.null {
            return Err(wrong("argument must not be null".to_owned()));
        }
        let argument = if parameter.accepts.marked {
            argument.clone()
        } else {
            marks |= argument.deep_marks();
            argument.unmarked()
        };
        let value = convert(&argument, &(parameter.ty)()).map_err(|e| wrong(e.to_string()))?;
        unknown |= !parameter.accepts.unknown
            && (!value.is_known() || !parameter.accepts.partly_unknown && !value.is_wholly_known());
        values.push(value);
    }
    let answer: Answer = if unknown {
        Ok(Value::unknown((function.returns)()))
    } else {
        (function.run)(&Arguments { values: &values, context, function })
    };
    answer.map(|value| value.with_marks(marks))
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

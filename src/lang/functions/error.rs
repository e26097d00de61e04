//! Why a call failed.

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionError {
    /// An argument is missing.
    TooFew {
        /// The first parameter without an argument.
        missing: &'static str,
    },
    /// There are more arguments than parameters.
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// An argument is not suitable.
    Argument {
        /// Which one, from 0.
        index: usize,
        /// Its parameter's name.
        parameter: &'static str,
        /// Why, as a clause.
        message: String,
    },
    /// The arguments are each suitable, but the call fails.
    Failed(String),
}

impl From<String> for FunctionError {
    fn from(message: String) -> Self {
        FunctionError::Failed(message)
    }
}

impl From<&str> for FunctionError {
    fn from(message: &str) -> Self {
        FunctionError::Failed(message.to_owned())
    }
}

impl From<skyform_value::Undefined> for FunctionError {
    fn from(error: skyform_value::Undefined) -> Self {
        FunctionError::Failed(error.to_string())
    }
}

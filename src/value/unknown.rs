//! Values that are known only after apply, and what can be said of them already.

use crate::{Number, Str, Type};

/// A value that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    /// Its type; `Any` where not even that is known.
    pub ty: Type,
    /// What the value will certainly be like.
    pub refinements: Refinements,
}

/// Promises about a value that is known only after apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refinements {
    /// It will not be null.
    pub not_null: bool,
    /// A string will start with this.
    pub prefix: Option<Str>,
    /// A collection will have at least that many elements.
    pub min_length: Option<u64>,
    /// A collection will have at most that many elements.
    pub max_length: Option<u64>,
    /// A number's lower bound, and whether it may be equal to it.
    pub min: Option<(Number, bool)>,
    /// A number's upper bound, and whether it may be equal to it.
    pub max: Option<(Number, bool)>,
}

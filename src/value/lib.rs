//! Terraform's value model: types, values with unknowns and marks, exact numbers, paths, addresses,
//! conversion and codecs.
//!
//! Everything here is cheap to clone and pure: no I/O, no clock, no configuration.
//! Standard followed: the language's documentation on types and values, and recorded results of
//! `terraform console` in `testdata/spec`.

mod address;
mod address_parse;
mod convert;
mod display;
mod equality;
pub mod json;
mod marks;
mod number;
mod path;
mod range;
pub mod schema;
mod set;
mod types;
mod unify;
mod unknown;
mod value;
mod walk;

pub use address::{
    InstanceAddress, InstanceKey, Mode, ModuleInstance, ModulePath, ResourceAddress,
};
pub use address_parse::AddressError;
pub use convert::{ConvertError, convert};
pub use display::{escape_string, to_console, type_to_console};
pub use equality::equals;
pub use marks::Marks;
pub use number::{Number, Undefined};
pub use path::{Path, Step};
pub use range::either;
pub use types::{ObjectType, Type};
pub use unify::unify;
pub use unknown::{Refinements, Unknown};
pub use value::{Kind, Sequence, Table, Value};

/// Short, cheap to clone text: names, keys, string values.
pub type Str = ecow::EcoString;

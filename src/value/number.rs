//! Numbers with the semantics of a 512-bit binary float.

use std::fmt;

/// A number. (First version; to be replaced.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i64);

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Number(number)
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Number(number as i64)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

//! Marks: what must not happen to a value. They spread to everything made from it.

use std::ops::{BitOr, BitOrAssign};

/// A set of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(u8);

impl Marks {
    /// No mark.
    pub const NONE: Marks = Marks(0);
    /// Never shown: not in plans, logs or messages.
    pub const SENSITIVE: Marks = Marks(1);
    /// Never stored: neither in plan files nor in state.
    pub const EPHEMERAL: Marks = Marks(2);

    /// Whether there is no mark.
    pub fn is_empty(self) -> bool {
        self == Marks::NONE
    }

    /// Whether all of `other` are set.
    pub fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    /// These marks but for `other`.
    #[must_use]
    pub fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Marks;

    fn bitor(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Marks) {
        *self = *self | other;
    }
}

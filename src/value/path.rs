//! Paths into values: `tags["a"][0].name`.

use std::fmt;

use crate::{Str, Value};

/// The way from a value to something inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Step>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// An attribute of an object.
    Attribute(Str),
    /// An element of a list or tuple, from 0.
    Index(u64),
    /// An element of a map.
    Key(Str),
    /// An element of a set, which is its own key.
    Element(Value),
}

impl Path {
    /// The value itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// One attribute.
    pub fn attribute(name: impl Into<Str>) -> Self {
        Path(vec![Step::Attribute(name.into())])
    }

    /// With one more step.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// Whether `other` is this path or lies below it.
    pub fn covers(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if number == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[\"{}\"]", crate::escape_string(key))?,
                Step::Element(_) => f.write_str("[...]")?,
            }
        }
        Ok(())
    }
}

//! Addresses: what the engine calls modules, resources and their instances.
//!
//! Written as in the language: `module.a["x"].data.kind.name[0]`. An address is identity; it is never
//! made from anything a provider or a user's `name` argument says.

use std::fmt;
use std::sync::Arc;

use crate::Str;

/// The key of one instance of a block with `count` or `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// Of `count`, from 0.
    Index(u64),
    /// Of `for_each`.
    Name(Str),
}

/// A module in the configuration: the names of the calls that lead to it; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Arc<[Str]>);

/// One instance of a module: the calls that lead to it, with their keys; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Arc<[(Str, Option<InstanceKey>)]>);

/// What kind of resource block it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `data`: read, never changed.
    Data,
    /// `ephemeral`: opened and closed in each run, never stored.
    Ephemeral,
    /// `resource`, and the AI blocks.
    Managed,
}

/// A resource block in one instance of its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddress {
    /// The module instance.
    pub module: ModuleInstance,
    /// The kind of block.
    pub mode: Mode,
    /// The resource type, such as `terraform_data`.
    pub type_name: Str,
    /// The block's name.
    pub name: Str,
}

/// One instance of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceAddress {
    /// The resource; shared by all its instances.
    pub resource: Arc<ResourceAddress>,
    /// Which of them; `None` where the block has neither `count` nor `for_each`.
    pub key: Option<InstanceKey>,
}

impl ModulePath {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether it is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The module that the call `name` in this one leads to.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        ModulePath(self.0.iter().cloned().chain([name.into()]).collect())
    }
}

impl ModuleInstance {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether it is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// An instance of the module that the call `name` in this one leads to.
    #[must_use]
    pub fn child(&self, name: &str, key: Option<InstanceKey>) -> Self {
        ModuleInstance(self.0.iter().cloned().chain([(name.into(), key)]).collect())
    }

    /// The module instance that this one is called from.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(ModuleInstance(rest.into()))
    }

    /// The module without its keys.
    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|(name, _)| name.clone()).collect())
    }
}

impl ResourceAddress {
    /// An instance of it.
    pub fn instance(self: &Arc<Self>, key: Option<InstanceKey>) -> InstanceAddress {
        InstanceAddress { resource: Arc::clone(self), key }
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceKey::Index(index) => write!(f, "[{index}]"),
            InstanceKey::Name(name) => {
                let name = crate::escape_string(name).replace("${", "$${").replace("%{", "%%{");
                write!(f, "[\"{name}\"]")
            }
        }
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if number == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (name, key)) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if number == 0 { "" } else { "." })?;
            if let Some(key) = key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ResourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        match self.mode {
            Mode::Data => f.write_str("data.")?,
            Mode::Ephemeral => f.write_str("ephemeral.")?,
            Mode::Managed => {}
        }
        write!(f, "{}.{}", self.type_name, self.name)
    }
}

impl fmt::Display for InstanceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.resource)?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}

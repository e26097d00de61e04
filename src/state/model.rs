//! The state in memory. Ordered maps throughout: what is written is the same each time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use skyform_value::{
    InstanceAddress, InstanceKey, Mode, ModulePath, Path, ResourceAddress, Str, Value,
};

/// Everything that is known to exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Raised with each change that is written.
    pub serial: u64,
    /// The same for all states that come from one another; a UUID. Empty until first written.
    pub lineage: String,
    /// Root module outputs.
    pub outputs: BTreeMap<Str, OutputState>,
    /// Resources by address.
    pub resources: BTreeMap<Arc<ResourceAddress>, ResourceState>,
    /// Last decision of each placement, by address (`module.a.placement.main`).
    pub placements: BTreeMap<String, PlacementState>,
    /// Results of checks, as stored (JSON text); kept for other readers.
    pub checks: Option<String>,
}

/// A stored output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputState {
    /// The value, unmarked.
    pub value: Value,
    /// Never shown.
    pub sensitive: bool,
}

/// A resource with its instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceState {
    /// The provider's configuration address, such as `provider["terraform.io/builtin/terraform"]`.
    pub provider: Str,
    /// Instances by key.
    pub instances: BTreeMap<Option<InstanceKey>, InstanceState>,
}

/// One instance: its object, and older ones that are still to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceState {
    /// The object that the address stands for.
    pub current: Option<Object>,
    /// Objects that were replaced and could not be deleted yet.
    pub deposed: BTreeMap<DeposedKey, Object>,
}

/// Eight hexadecimal digits that tell deposed objects of one instance apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeposedKey(pub Str);

/// One object as a provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Schema version that the attributes were stored with.
    pub schema_version: u64,
    /// The attributes as a compact JSON object.
    pub attributes: Arc<str>,
    /// Paths of sensitive values in the attributes.
    pub sensitive: Vec<Path>,
    /// The provider's private bytes.
    pub private: Arc<[u8]>,
    /// Whether it was made wholly.
    pub status: ObjectStatus,
    /// Blocks that it was made from values of: direct ones only.
    pub dependencies: Arc<[BlockAddress]>,
    /// Whether its replacement comes before it goes.
    pub create_before_destroy: bool,
    /// Identity data of newer providers, kept as JSON text.
    pub identity: Option<(u64, Arc<str>)>,
}

/// Whether an object was made wholly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectStatus {
    /// It was.
    #[default]
    Ready,
    /// Its create or a provisioner failed: to be replaced.
    Tainted,
}

/// A resource block: its address without any keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockAddress {
    /// The module.
    pub module: ModulePath,
    /// The kind of block.
    pub mode: Mode,
    /// The resource type.
    pub type_name: Str,
    /// The block's name.
    pub name: Str,
}

/// What a placement decided last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacementState {
    /// Units by task and `CLOUD/OFFER`.
    pub units: BTreeMap<String, BTreeMap<String, u64>>,
    /// USD a month, as decimal text.
    pub monthly_cost: String,
}

impl State {
    /// The instance at an address.
    pub fn instance(&self, address: &InstanceAddress) -> Option<&InstanceState> {
        self.resources.get(&address.resource)?.instances.get(&address.key)
    }

    /// The current object at an address.
    pub fn object(&self, address: &InstanceAddress) -> Option<&Object> {
        self.instance(address)?.current.as_ref()
    }

    /// The instance at an address, made (empty) where there is none.
    pub fn instance_mut(
        &mut self,
        address: &InstanceAddress,
        provider: &str,
    ) -> &mut InstanceState {
        let resource = self.resources.entry(Arc::clone(&address.resource)).or_default();
        if resource.provider != provider {
            resource.provider = provider.into();
        }
        resource.instances.entry(address.key.clone()).or_default()
    }

    /// Drops the instance's entry if nothing is left in it, and the resource's if it was the last.
    pub fn prune(&mut self, address: &InstanceAddress) {
        let Some(resource) = self.resources.get_mut(&address.resource) else { return };
        if let Some(instance) = resource.instances.get(&address.key)
            && instance.current.is_none()
            && instance.deposed.is_empty()
        {
            resource.instances.remove(&address.key);
        }
        if resource.instances.is_empty() {
            self.resources.remove(&address.resource);
        }
    }

    /// All instances in the order of their addresses.
    pub fn instances(&self) -> impl Iterator<Item = (InstanceAddress, &InstanceState)> {
        self.resources.iter().flat_map(|(resource, state)| {
            state.instances.iter().map(|(key, instance)| (resource.instance(key.clone()), instance))
        })
    }

    /// Whether both say the same of the world, whatever their lineages and serials.
    pub fn has_content_of(&self, other: &State) -> bool {
        let State { serial: _, lineage: _, outputs, resources, placements, checks } = self;
        *outputs == other.outputs
            && *resources == other.resources
            && *placements == other.placements
            && *checks == other.checks
    }

    /// Whether nothing is in it: no objects and no outputs.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }
}

impl From<&ResourceAddress> for BlockAddress {
    fn from(address: &ResourceAddress) -> Self {
        Self {
            module: address.module.path(),
            mode: address.mode,
            type_name: address.type_name.clone(),
            name: address.name.clone(),
        }
    }
}

impl fmt::Display for BlockAddress {
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

//! Machines: a group of alike ones that is kept at its size.

use std::collections::BTreeMap;

/// A group of machines as it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachinesSpec {
    /// Its name, unique in its cloud.
    pub name: String,
    /// What they boot.
    pub image: String,
    /// The cloud's name of the kind of machine.
    pub machine_type: String,
    /// How many there are.
    pub size: usize,
    /// The network that they are in; without it the cloud's usual one.
    pub subnet: Option<String>,
    /// Who may reach them; without any the network's usual.
    pub security_groups: Vec<String>,
    /// What they may do in the cloud: the cloud's name of the role that each has.
    pub role: Option<String>,
    /// What each runs when it starts for the first time.
    pub user_data: Option<String>,
    /// Whether they may be taken back by the cloud, for a lower price.
    pub spot: bool,
    /// Words about them.
    pub tags: BTreeMap<String, String>,
    /// The address of the resource that they belong to.
    pub owner: String,
    /// Of the intent that made the group.
    pub token: String,
    /// The same for every try of one intent.
    pub attempt: String,
}

/// A group of machines as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachinesInfo {
    /// Its name.
    pub name: String,
    /// The token that it was made with.
    pub token: String,
    /// Words about them, as far as all have them.
    pub tags: BTreeMap<String, String>,
    /// Those that live, the oldest first.
    pub machines: Vec<Machine>,
}

/// A machine that lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The cloud's name of it.
    pub id: String,
    /// Its address in its network.
    pub private_address: Option<String>,
    /// Its address in the internet.
    pub public_address: Option<String>,
}

//! Endpoints: servers that answer with a model's predictions.

/// The runtime of endpoints that are machines with a server on each.
pub const MACHINES: &str = "machines";

/// Which stored model an endpoint serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServedModel {
    /// The name that it is served under.
    pub name: String,
    /// The version that it is served as.
    pub version: String,
    /// The bucket that the artifact lies in, in the endpoint's own cloud.
    pub bucket: String,
    /// The artifact's key.
    pub key: String,
    /// The artifact's SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// An endpoint as it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointSpec {
    /// Its name, unique in its cloud.
    pub name: String,
    /// What it serves.
    pub model: ServedModel,
    /// How many copies of the model work side by side.
    pub replicas: u64,
    /// The offer that it runs on.
    pub offer: String,
    /// What runs the model; none: whatever can.
    pub runtime: Option<String>,
    /// The container's image, where the cloud runs one.
    pub image: Option<String>,
    /// The role that the cloud reads model and image with.
    pub role: Option<String>,
    /// The model's part of the requests, as part of all weights; 1 without it.
    pub weight: Option<u64>,
    /// Models beside its own, by name.
    pub variants: Vec<VariantSpec>,
    /// The network that its machines are in; without it the cloud's usual one.
    pub subnet: Option<String>,
    /// Who may reach its machines.
    pub security_groups: Vec<String>,
    /// Whether its machines are reached at their public addresses.
    pub public: bool,
    /// How many replicas there may be, where the cloud decides.
    pub autoscaling: Option<Autoscaling>,
    /// The address of the resource that it belongs to.
    pub owner: String,
    /// The same for every try of one intent.
    pub token: String,
}

impl EndpointSpec {
    /// Whether it runs on machines of its own.
    pub fn is_on_machines(&self) -> bool {
        self.runtime.as_deref() == Some(MACHINES)
    }

    /// Which endpoint it is.
    pub fn id(&self) -> EndpointId<'_> {
        EndpointId { name: &self.name, runtime: self.runtime.as_deref().unwrap_or_default() }
    }
}

/// Which endpoint: a cloud may have several kinds of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointId<'a> {
    /// Its name, unique in its cloud.
    pub name: &'a str,
    /// What was asked for to run the model.
    pub runtime: &'a str,
}

/// A model beside an endpoint's own, which gets a part of the requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantSpec {
    /// Its name, unique in its endpoint.
    pub name: String,
    /// What it serves.
    pub model: ServedModel,
    /// Its part of the requests, as part of all weights.
    pub weight: u64,
    /// How many copies of the model work side by side.
    pub replicas: u64,
    /// The offer that it runs on.
    pub offer: String,
    /// How many replicas there may be, where the cloud decides.
    pub autoscaling: Option<Autoscaling>,
}

/// A model beside an endpoint's own, as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantInfo {
    /// Its name.
    pub name: String,
    /// Its part of the requests, as part of all weights.
    pub weight: u64,
    /// How many copies of the model work side by side.
    pub replicas: u64,
    /// How many replicas there may be, where the cloud decides.
    pub autoscaling: Option<Autoscaling>,
}

/// A range within which the cloud decides how many replicas there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Autoscaling {
    /// Fewest replicas.
    pub min: u64,
    /// Most replicas.
    pub max: u64,
    /// Requests that each replica is to have in a minute.
    pub requests_per_minute: u64,
}

/// An endpoint as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointInfo {
    /// Its name.
    pub name: String,
    /// The server's base URL, without a slash at the end.
    pub url: String,
    /// Base URLs of all servers, where there are several; `url` is one of them.
    pub urls: Vec<String>,
    /// What it serves.
    pub model: ServedModel,
    /// How many copies of the model work side by side.
    pub replicas: u64,
    /// The model's part of the requests, where the cloud has variants.
    pub weight: Option<u64>,
    /// How many replicas there may be, where the cloud decides.
    pub autoscaling: Option<Autoscaling>,
    /// Models beside its own.
    pub variants: Vec<VariantInfo>,
    /// What runs the model.
    pub runtime: String,
    /// The token that it was made with.
    pub token: String,
}

/// What a served model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// What it takes and gives.
    Describe,
    /// What it says to a request of the Open Inference Protocol, as JSON.
    Infer(Vec<u8>),
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, as JSON.
    pub body: Vec<u8>,
}

//! Endpoints: servers that answer with a model's predictions.

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
    /// How many replicas there may be, where the cloud decides.
    pub autoscaling: Option<Autoscaling>,
    /// The address of the resource that it belongs to.
    pub owner: String,
    /// The same for every try of one intent.
    pub token: String,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointInfo {
    /// Its name.
    pub name: String,
    /// The server's base URL, without a slash at the end.
    pub url: String,
    /// What it serves.
    pub model: ServedModel,
    /// How many copies of the model work side by side.
    pub replicas: u64,
    /// What runs the model.
    pub runtime: String,
    /// The token that it was made with.
    pub token: String,
}

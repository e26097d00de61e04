//! What a provider and a cloud are to the engine.
//!
//! [`Provider`] has the shape of the provider plugin protocol, so that native and plugin providers
//! are one thing to the engine. [`Cloud`] is what the portable blocks need of a cloud.
//! Knows neither engine nor language.

mod bucket;
mod cache;
mod cloud;
pub mod conformance;
mod endpoint;
mod machines;
pub mod objects;
mod patience;
mod problem;
mod progress;
mod provider;
mod settings;
mod words;

pub use bucket::{BucketInfo, BucketSettings, BucketSpec, CorsRule, Encryption, LifecycleRule};
pub use cache::CloudCache;
pub use cloud::{Cloud, Driver, ObjectInfo, ObjectPlace};
pub use endpoint::{
    Autoscaling, EndpointId, EndpointInfo, EndpointSpec, MACHINES, Question, Reply, ServedModel,
    VariantInfo, VariantSpec,
};
pub use machines::{Machine, MachinesInfo, MachinesSpec};
pub use patience::{Patience, with_patience};
pub use problem::{Problem, ProblemKind, Problems};
pub use progress::{Progress, ProgressEvent, Silent};
pub use provider::{
    ApplyRequest, ApplyResponse, ConfigureRequest, ImportRequest, ImportedObject, Lease,
    LookupAnswer, LookupRequest, Opened, PlanRequest, PlanResponse, Provider, ProviderSchema,
    ReadRequest, ReadResponse, ResourceType, Traits, UpgradeRequest,
};
pub use settings::CloudSettings;
pub use skyform_value::schema;
pub use words::words;

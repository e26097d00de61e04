//! The trait that the engine drives, with its requests and answers.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use indexmap::IndexMap;
use skyform_value::schema::Schema;
use skyform_value::{Path, Str, Value};

use crate::{Problem, Problems, Progress};

/// All that a provider offers.
#[derive(Clone, Debug, Default)]
pub struct ProviderSchema {
    /// The provider's own configuration.
    pub provider: Schema,
    /// Managed resource types.
    pub resources: IndexMap<Str, ResourceType>,
    /// Data sources.
    pub data_sources: IndexMap<Str, Schema>,
    /// Ephemeral resources.
    pub ephemeral: IndexMap<Str, Schema>,
}

/// A managed resource type.
#[derive(Clone, Debug, Default)]
pub struct ResourceType {
    /// Its schema.
    pub schema: Schema,
    /// How the engine treats it.
    pub traits: Traits,
}

/// How the engine treats a resource type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// May be written in short spelling, `TYPE "name" {}`.
    pub short: bool,
    /// Not a stored object: the engine evaluates it while planning (`cloud`, `task`, `placement`).
    pub evaluated: bool,
    /// Instances that go wait until those that come are healthy and judged (`endpoint`).
    pub make_before_break: bool,
    /// Makes nothing in the world but what is stored: nothing about it can be in doubt.
    pub pure: bool,
    /// Judges what it refers to: deletes of those wait for it (`evaluation`).
    pub gate: bool,
}

/// Configures the provider for a run.
#[derive(Clone, Debug)]
pub struct ConfigureRequest {
    /// The provider block's value; null if it has none.
    pub config: Value,
    /// Values of all `cloud` blocks by name, for the portable provider.
    pub clouds: IndexMap<Str, Value>,
}

/// Asks for an object to be read again.
#[derive(Clone, Debug)]
pub struct ReadRequest<'a> {
    /// The resource type.
    pub type_name: &'a str,
    /// The instance's address.
    pub address: &'a str,
    /// The object as stored.
    pub current: Value,
    /// The provider's private bytes.
    pub private: Vec<u8>,
}

/// The object as it is now.
#[derive(Clone, Debug)]
pub struct ReadResponse {
    /// The object; null if it is gone.
    pub state: Value,
    /// The provider's private bytes.
    pub private: Vec<u8>,
    /// Warnings.
    pub problems: Problems,
}

/// Asks what would be done.
#[derive(Clone, Debug)]
pub struct PlanRequest<'a> {
    /// The resource type.
    pub type_name: &'a str,
    /// The instance's address.
    pub address: &'a str,
    /// The configuration, null where not given.
    pub config: Value,
    /// The object now; null if it is to be created.
    pub prior: Value,
    /// Configuration over prior: what the object would be without the provider's say. Null if it is
    /// to be deleted.
    pub proposed: Value,
    /// The provider's private bytes of the prior object.
    pub private: Vec<u8>,
}

/// What would be done.
#[derive(Clone, Debug)]
pub struct PlanResponse {
    /// The object after apply, with unknown values in it.
    pub planned: Value,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<Path>,
    /// Private bytes, handed to apply.
    pub private: Vec<u8>,
    /// Steps in a user's words: what would be copied, started, moved.
    pub notes: Vec<String>,
    /// Warnings.
    pub problems: Problems,
}

/// Asks for a plan to be carried out.
#[derive(Clone)]
pub struct ApplyRequest<'a> {
    /// The resource type.
    pub type_name: &'a str,
    /// The instance's address.
    pub address: &'a str,
    /// The configuration; null to delete.
    pub config: Value,
    /// The object now; null to create.
    pub prior: Value,
    /// The object as planned; null to delete.
    pub planned: Value,
    /// The plan's private bytes.
    pub private: Vec<u8>,
    /// The same for every try of one intent: makes a repeated create find the first one's object.
    pub token: &'a str,
    /// Where to report progress.
    pub progress: Arc<dyn Progress>,
}

/// What was done. Also given with errors: whatever exists must be in `state`.
#[derive(Clone, Debug)]
pub struct ApplyResponse {
    /// The object now; null if there is none.
    pub state: Value,
    /// The provider's private bytes.
    pub private: Vec<u8>,
    /// Errors and warnings. With an error on create and a non-null `state`, the object is tainted.
    pub problems: Problems,
}

/// Asks whether an intent whose outcome is not known has made its object.
#[derive(Clone, Debug)]
pub struct LookupRequest<'a> {
    /// The resource type.
    pub type_name: &'a str,
    /// The instance's address.
    pub address: &'a str,
    /// The object as planned.
    pub planned: Value,
    /// The plan's private bytes.
    pub private: Vec<u8>,
    /// The intent's token.
    pub token: &'a str,
}

/// What became of an intent.
#[derive(Clone, Debug)]
pub enum LookupAnswer {
    /// The object exists: its value and private bytes.
    Found(Value, Vec<u8>),
    /// It certainly does not exist.
    Absent,
    /// This provider can't tell.
    Unknown,
}

/// Asks for an existing object to be taken over.
#[derive(Clone, Debug)]
pub struct ImportRequest<'a> {
    /// The resource type.
    pub type_name: &'a str,
    /// The address it gets.
    pub address: &'a str,
    /// The provider's id of it.
    pub id: &'a str,
}

/// An object that was taken over.
#[derive(Clone, Debug)]
pub struct ImportedObject {
    /// Its type.
    pub type_name: Str,
    /// Its value; read again afterwards.
    pub state: Value,
    /// The provider's private bytes.
    pub private: Vec<u8>,
}

/// Asks for a stored object of an older schema version in today's shape.
#[derive(Clone, Debug)]
pub struct UpgradeRequest<'a> {
    /// The resource type.
    pub type_name: &'a str,
    /// The version that it was stored with.
    pub version: u64,
    /// The stored attributes as JSON text.
    pub json: &'a str,
}

/// An ephemeral resource that has been opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its value, wholly known. It must never be stored.
    pub value: Value,
    /// What keeps it open.
    pub lease: Lease,
    /// Warnings.
    pub problems: Problems,
}

/// What keeps an ephemeral resource open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// The provider's private bytes, handed to `renew` and `close`.
    pub private: Vec<u8>,
    /// After what time it must be renewed; none if it stays open by itself.
    pub renew_in: Option<Duration>,
}

/// A provider: what the engine drives. Requests about different objects come in parallel.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it offers.
    fn schema(&self) -> &ProviderSchema;

    /// Takes the configuration for this run; before any request about objects.
    async fn configure(&self, request: ConfigureRequest) -> Result<Problems, Problems>;

    /// Checks a resource's configuration (which may have unknown values) by itself.
    async fn validate(&self, type_name: &str, config: &Value) -> Problems {
        let _ = (type_name, config);
        Problems::new()
    }

    /// Brings a stored object into today's shape, if the schema alone does not tell how.
    async fn upgrade(&self, request: UpgradeRequest<'_>) -> Result<Option<Value>, Problems> {
        let _ = request;
        Ok(None)
    }

    /// Reads an object again.
    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems>;

    /// Says what would be done.
    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems>;

    /// Creates, updates or deletes.
    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse;

    /// Finds out what became of an intent.
    async fn lookup(&self, request: LookupRequest<'_>) -> LookupAnswer {
        let _ = request;
        LookupAnswer::Unknown
    }

    /// Takes over an existing object.
    async fn import(&self, request: ImportRequest<'_>) -> Result<Vec<ImportedObject>, Problems> {
        Err(vec![Problem::error(
            crate::ProblemKind::Unsupported,
            "Import is not supported",
            format!("Objects of type {} cannot be imported.", request.type_name),
        )])
    }

    /// Reads a data source.
    async fn read_data(&self, type_name: &str, config: Value) -> Result<Value, Problems> {
        let _ = config;
        Err(vec![Problem::error(
            crate::ProblemKind::Unsupported,
            "No such data source",
            format!("This provider has no data source {type_name}."),
        )])
    }

    /// Reads a data source for the block's instance at an address, which only stand-ins for
    /// providers look at.
    async fn read_data_at(
        &self,
        address: &str,
        type_name: &str,
        config: Value,
    ) -> Result<Value, Problems> {
        let _ = address;
        self.read_data(type_name, config).await
    }

    /// Opens an ephemeral resource.
    async fn open(&self, type_name: &str, config: Value) -> Result<Opened, Problems> {
        let _ = config;
        Err(vec![Problem::error(
            crate::ProblemKind::Unsupported,
            "No such ephemeral resource",
            format!("This provider has no ephemeral resource {type_name}."),
        )])
    }

    /// Keeps an ephemeral resource open for longer; its new lease.
    async fn renew(&self, type_name: &str, private: Vec<u8>) -> Result<Lease, Problems> {
        let _ = type_name;
        Ok(Lease { private, renew_in: None })
    }

    /// Closes an ephemeral resource, which nobody uses any more.
    async fn close(&self, type_name: &str, private: Vec<u8>) -> Problems {
        let _ = (type_name, private);
        Problems::new()
    }

    /// Ends the provider.
    async fn stop(&self) {}
}

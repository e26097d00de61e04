//! The provider: which block types it has, and requests handed on to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, Driver, LookupAnswer, LookupRequest,
    PlanRequest, PlanResponse, Problem, ProblemKind, Problems, Provider, ProviderSchema,
    ReadRequest, ReadResponse, ResourceType, Traits,
};

use crate::clouds::Clouds;
use crate::{bucket, cloud, placement, task};

/// The provider of the portable blocks.
pub struct PortableProvider {
    schema: ProviderSchema,
    clouds: Clouds,
}

impl PortableProvider {
    /// The provider, with drivers by name.
    pub fn new(drivers: BTreeMap<String, Arc<dyn Driver>>) -> Self {
        let stored = Traits { short: true, ..Traits::default() };
        let evaluated = Traits { evaluated: true, ..stored };
        let mut schema = ProviderSchema::default();
        for (name, own, traits) in [
            ("cloud", cloud::schema(), evaluated),
            ("task", task::schema(), evaluated),
            ("placement", placement::schema(), evaluated),
            ("bucket", bucket::schema(), stored),
        ] {
            schema.resources.insert(name.into(), ResourceType { schema: own, traits });
        }
        Self { schema, clouds: Clouds::new(drivers) }
    }
}

/// The engine evaluates these blocks itself, so nobody asks for this.
fn not_stored(type_name: &str) -> Problems {
    let detail =
        format!("Blocks of type {type_name} are evaluated, not stored. This is a bug in Skyform.");
    Problem::error(ProblemKind::Other, "Not a stored object", detail).into()
}

#[async_trait]
impl Provider for PortableProvider {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<Problems, Problems> {
        self.clouds.declare(&request);
        Ok(Problems::new())
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        match request.type_name {
            "bucket" => bucket::read(&self.clouds, request).await,
            other => Err(not_stored(other)),
        }
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        match request.type_name {
            "bucket" => bucket::plan(&self.clouds, &request),
            other => Err(not_stored(other)),
        }
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        match request.type_name {
            "bucket" => bucket::apply(&self.clouds, request).await,
            other => {
                let problems = not_stored(other);
                ApplyResponse { state: request.prior, private: request.private, problems }
            }
        }
    }

    async fn lookup(&self, request: LookupRequest<'_>) -> LookupAnswer {
        match request.type_name {
            "bucket" => bucket::lookup(&self.clouds, request).await,
            _ => LookupAnswer::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;

//! The provider: which block types it has, and requests handed on to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, Driver, ImportRequest, ImportedObject,
    LookupAnswer, LookupRequest, Opened, PlanRequest, PlanResponse, Problem, ProblemKind, Problems,
    Provider, ProviderSchema, ReadRequest, ReadResponse, ResourceType, Traits,
};

use skyform_value::Value;

use crate::bucket::Bucket;
use crate::clouds::Clouds;
use crate::dataset::Dataset;
use crate::endpoint::Endpoint;
use crate::evaluation::Evaluation;
use crate::machines::Machines;
use crate::model::Model;
use crate::stored::{StoredBlock, planning};
use crate::{catalog, cloud, placement, secret, task};

/// Gives variables of the environment.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The provider of the portable blocks.
pub struct PortableProvider {
    schema: ProviderSchema,
    clouds: Clouds,
    environment: Arc<Environment>,
}

impl PortableProvider {
    /// The provider, with drivers by name.
    pub fn new(drivers: BTreeMap<String, Arc<dyn Driver>>) -> Self {
        let evaluated = Traits { short: true, evaluated: true, ..Traits::default() };
        let mut schema = ProviderSchema::default();
        for (name, own) in [
            ("catalog", catalog::schema()),
            ("cloud", cloud::schema()),
            ("task", task::schema()),
            ("placement", placement::schema()),
        ] {
            schema.resources.insert(name.into(), ResourceType { schema: own, traits: evaluated });
        }
        for name in ["bucket", "dataset", "model", "endpoint", "evaluation", "machines"] {
            let Some(block) = stored(name) else { continue };
            let traits = Traits { short: true, ..block.traits() };
            schema.resources.insert(name.into(), ResourceType { schema: block.schema(), traits });
        }
        schema.ephemeral.insert("secret".into(), secret::schema());
        Self { schema, clouds: Clouds::new(drivers), environment: Arc::new(|_| None) }
    }

    /// The provider with the environment that secrets may come from.
    #[must_use]
    pub fn with_environment(self, environment: Arc<Environment>) -> Self {
        Self { environment, ..self }
    }
}

/// The stored block type of that name.
fn stored(name: &str) -> Option<&'static dyn StoredBlock> {
    match name {
        "bucket" => Some(&Bucket),
        "dataset" => Some(&Dataset),
        "model" => Some(&Model),
        "endpoint" => Some(&Endpoint),
        "evaluation" => Some(&Evaluation),
        "machines" => Some(&Machines),
        _ => None,
    }
}

/// The engine evaluates the other blocks itself, so nobody asks for them.
fn not_stored(type_name: &str) -> Problem {
    let detail =
        format!("Blocks of type {type_name} are evaluated, not stored. This is a bug in Skyform.");
    Problem::error(ProblemKind::Other, "Not a stored object", detail)
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

    async fn validate(&self, type_name: &str, config: &Value) -> Problems {
        match type_name {
            "secret" => secret::validate(config),
            _ => Problems::new(),
        }
    }

    async fn open(&self, type_name: &str, config: Value) -> Result<Opened, Problems> {
        match type_name {
            "secret" => Ok(secret::open(&config, &*self.environment).await?),
            _ => Err(not_stored(type_name).into()),
        }
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        let block = stored(request.type_name).ok_or_else(|| not_stored(request.type_name))?;
        block.read(&self.clouds, request).await
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        let block = stored(request.type_name).ok_or_else(|| not_stored(request.type_name))?;
        if request.proposed.is_null() {
            return Ok(planning(request.proposed.clone(), &request));
        }
        block.plan(&self.clouds, &request).await
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let done = match stored(request.type_name) {
            Some(block) => block.apply(&self.clouds, &request).await,
            None => Err(not_stored(request.type_name)),
        };
        match done {
            Ok((state, private)) => ApplyResponse { state, private, problems: Problems::new() },
            Err(problem) => {
                let private = request.private;
                ApplyResponse { state: request.prior, private, problems: problem.into() }
            }
        }
    }

    async fn lookup(&self, request: LookupRequest<'_>) -> LookupAnswer {
        match stored(request.type_name) {
            Some(block) => block.lookup(&self.clouds, request).await,
            None => LookupAnswer::Unknown,
        }
    }

    async fn import(&self, request: ImportRequest<'_>) -> Result<Vec<ImportedObject>, Problems> {
        let block = stored(request.type_name).ok_or_else(|| not_stored(request.type_name))?;
        let (state, private) = block.import(&self.clouds, &request).await?;
        Ok(vec![ImportedObject { type_name: request.type_name.into(), state, private }])
    }
}

#[cfg(test)]
mod tests;

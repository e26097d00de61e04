//! The provider: which types it has, and requests handed on to them.

use std::sync::Arc;

use async_trait::async_trait;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, ImportRequest, ImportedObject, LookupAnswer,
    LookupRequest, PlanRequest, PlanResponse, Problems, Provider, ProviderSchema, ReadRequest,
    ReadResponse, ResourceType, Traits,
};
use skyform_value::Value;

use crate::remote_state::{self, RemoteStates};
use crate::terraform_data;

/// Makes a new random 128-bit number.
type Random = dyn Fn() -> [u8; 16] + Send + Sync;

/// The provider of `terraform_data`.
pub struct BuiltinProvider {
    schema: ProviderSchema,
    random: Box<Random>,
    states: Option<Arc<dyn RemoteStates>>,
}

impl BuiltinProvider {
    /// The provider; `random` makes new ids.
    pub fn new(random: impl Fn() -> [u8; 16] + Send + Sync + 'static) -> Self {
        let mut schema = ProviderSchema::default();
        let ty = ResourceType {
            schema: terraform_data::schema(),
            traits: Traits { pure: true, ..Traits::default() },
        };
        schema.resources.insert("terraform_data".into(), ty);
        schema.data_sources.insert("terraform_remote_state".into(), remote_state::schema());
        Self { schema, random: Box::new(random), states: None }
    }

    /// The same, with states of other stacks that are not in local files.
    pub fn with_states(self, states: Arc<dyn RemoteStates>) -> Self {
        Self { states: Some(states), ..self }
    }
}

#[async_trait]
impl Provider for BuiltinProvider {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, _request: ConfigureRequest) -> Result<Problems, Problems> {
        Ok(Problems::new())
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        let (state, private) = (request.current, request.private);
        Ok(ReadResponse { state, private, problems: Problems::new() })
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        Ok(terraform_data::plan(&request))
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let id = || uuid::Builder::from_random_bytes((self.random)()).into_uuid().to_string();
        let state = terraform_data::apply(&request.planned, id);
        ApplyResponse { state, private: Vec::new(), problems: Problems::new() }
    }

    async fn lookup(&self, _request: LookupRequest<'_>) -> LookupAnswer {
        LookupAnswer::Absent
    }

    async fn read_data(&self, _type_name: &str, config: Value) -> Result<Value, Problems> {
        remote_state::read(&config, self.states.as_deref()).await
    }

    async fn import(&self, request: ImportRequest<'_>) -> Result<Vec<ImportedObject>, Problems> {
        let state = terraform_data::imported(Value::from(request.id));
        let type_name = request.type_name.into();
        Ok(vec![ImportedObject { type_name, state, private: Vec::new() }])
    }
}

#[cfg(test)]
mod tests;

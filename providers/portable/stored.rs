//! What a stored block type is to the provider.

use async_trait::async_trait;
use skyform_provider_sdk::schema::Schema;
use skyform_provider_sdk::{
    ApplyRequest, ImportRequest, LookupAnswer, LookupRequest, PlanRequest, PlanResponse, Problem,
    ProblemKind, Problems, ReadRequest, ReadResponse, Traits,
};
use skyform_value::Value;

use crate::clouds::Clouds;

/// A block type whose objects are stored.
#[async_trait]
pub(crate) trait StoredBlock: Send + Sync {
    /// What a block may contain.
    fn schema(&self) -> Schema;

    /// How the engine treats it, beside being written in short spelling.
    fn traits(&self) -> Traits {
        Traits::default()
    }

    /// Says what would be done; never asked about deletes.
    async fn plan(
        &self,
        clouds: &Clouds,
        request: &PlanRequest<'_>,
    ) -> Result<PlanResponse, Problems>;

    /// Reads an object again.
    async fn read(
        &self,
        clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems>;

    /// Creates, updates or deletes; the object with its private bytes. After an error the object is
    /// as it was before.
    async fn apply(
        &self,
        clouds: &Clouds,
        request: &ApplyRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem>;

    /// Finds out what became of an intent.
    async fn lookup(&self, clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer;

    /// Takes over what exists already; the object with its private bytes.
    async fn import(
        &self,
        clouds: &Clouds,
        request: &ImportRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        let _ = clouds;
        let detail = format!("What a {} block makes cannot be taken over.", request.type_name);
        Err(Problem::error(ProblemKind::Unsupported, "Import is not supported", detail)
            .hint("Leave out the import: the block makes its own."))
    }
}

/// An answer that plans this object, without anything more to say.
pub(crate) fn planning(planned: Value, request: &PlanRequest<'_>) -> PlanResponse {
    PlanResponse {
        planned,
        requires_replace: Vec::new(),
        private: request.private.clone(),
        notes: Vec::new(),
        problems: Problems::new(),
    }
}

/// An answer that an object is now like this; none if it is gone.
pub(crate) fn reading(state: Option<Value>, schema: &Schema, private: Vec<u8>) -> ReadResponse {
    let state = state.unwrap_or_else(|| Value::null_of(schema.block.implied_type()));
    ReadResponse { state, private, problems: Problems::new() }
}

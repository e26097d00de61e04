//! The provider: which block types it has.

use async_trait::async_trait;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, PlanRequest, PlanResponse, Problem, ProblemKind,
    Problems, Provider, ProviderSchema, ReadRequest, ReadResponse, ResourceType, Traits,
};

use crate::{cloud, placement, task};

/// The provider of the portable blocks.
#[derive(Debug)]
pub struct PortableProvider {
    schema: ProviderSchema,
}

impl Default for PortableProvider {
    fn default() -> Self {
        let traits = Traits { short: true, evaluated: true, ..Traits::default() };
        let mut schema = ProviderSchema::default();
        for (name, own) in [
            ("cloud", cloud::schema()),
            ("task", task::schema()),
            ("placement", placement::schema()),
        ] {
            schema.resources.insert(name.into(), ResourceType { schema: own, traits });
        }
        Self { schema }
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

    async fn configure(&self, _request: ConfigureRequest) -> Result<Problems, Problems> {
        Ok(Problems::new())
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        Err(not_stored(request.type_name))
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        Err(not_stored(request.type_name))
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let problems = not_stored(request.type_name);
        ApplyResponse { state: request.prior, private: request.private, problems }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_short_and_evaluated_and_knows_its_name() {
        let provider = PortableProvider::default();
        let types: Vec<&str> =
            provider.schema().resources.keys().map(|name| name.as_str()).collect();
        assert_eq!(types, ["cloud", "task", "placement"]);
        for (name, ty) in &provider.schema().resources {
            assert!(ty.traits.short && ty.traits.evaluated, "{name}");
            assert!(ty.schema.block.attributes.contains_key("name"), "{name}");
            for (attribute, schema) in &ty.schema.block.attributes {
                assert!(!schema.description.is_empty(), "{name}.{attribute}");
            }
        }
    }
}

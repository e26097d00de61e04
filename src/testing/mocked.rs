//! A stand-in for a provider: makes values up for what is mocked or overridden, and hands all other
//! requests on.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use skyform_lang::config::{During, ResourceKey, Target};
use skyform_provider_sdk::schema::Block;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, ImportRequest, ImportedObject, Lease,
    LookupAnswer, LookupRequest, Opened, PlanRequest, PlanResponse, Problems, Provider,
    ProviderSchema, ReadRequest, ReadResponse, UpgradeRequest,
};
use skyform_value::{InstanceAddress, ModulePath, Str, Type, Value};

use crate::made_up::{Origin, filled};
use crate::mocks::{covers, in_plan, is_specific};

/// Values to be made up.
#[derive(Clone, Debug)]
pub(crate) struct MadeUp {
    /// An object of given ones, or null.
    pub values: Value,
    /// When they are there.
    pub during: During,
}

/// A mock of a provider.
#[derive(Debug)]
pub(crate) struct Mock {
    /// By resource type.
    pub resources: HashMap<Str, MadeUp>,
    /// By type of data source.
    pub data: HashMap<Str, MadeUp>,
    /// For all other types.
    pub during: During,
}

/// An override.
#[derive(Debug)]
pub(crate) struct Given {
    /// How near to the run it stands.
    pub level: usize,
    /// Whose values these are.
    pub target: Target,
    pub made_up: MadeUp,
}

/// The stand-in.
pub(crate) struct Mocked {
    pub provider: Arc<dyn Provider>,
    /// The mock of what is in no block any more.
    pub default: Option<Arc<Mock>>,
    pub by_block: Arc<HashMap<(ModulePath, ResourceKey), Arc<Mock>>>,
    pub overrides: Arc<Vec<Given>>,
    pub random: fn(&mut [u8]),
}

impl Mocked {
    /// What is made up for an instance; none if the provider itself is to be asked.
    fn made_up(&self, address: &str, is_data: bool) -> Option<MadeUp> {
        let address: InstanceAddress = address.parse().ok()?;
        let fitting = self.overrides.iter().filter(|given| covers(&given.target, &address));
        // Of equal ones the last.
        if let Some(best) = fitting.max_by_key(|given| (is_specific(&given.target), given.level)) {
            return Some(best.made_up.clone());
        }
        let resource = &address.resource;
        let key = ResourceKey {
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            name: resource.name.clone(),
        };
        let mock = self.by_block.get(&(resource.module.path(), key)).or(self.default.as_ref())?;
        Some(mock.of_type(is_data, &resource.type_name))
    }

    fn block(&self, type_name: &str) -> Option<&Block> {
        self.provider.schema().resources.get(type_name).map(|ty| &ty.schema.block)
    }

    fn now<'a>(&self, made_up: &'a MadeUp) -> Origin<'a> {
        Origin::Now { given: &made_up.values, random: self.random }
    }
}

#[async_trait]
impl Provider for Mocked {
    fn schema(&self) -> &ProviderSchema {
        self.provider.schema()
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<Problems, Problems> {
        // A mock needs neither credentials nor a network.
        if self.default.is_some() {
            return Ok(Problems::new());
        }
        self.provider.configure(request).await
    }

    async fn validate(&self, type_name: &str, config: &Value) -> Problems {
        self.provider.validate(type_name, config).await
    }

    async fn upgrade(&self, request: UpgradeRequest<'_>) -> Result<Option<Value>, Problems> {
        self.provider.upgrade(request).await
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        if self.made_up(request.address, false).is_none() {
            return self.provider.read(request).await;
        }
        let ReadRequest { current, private, .. } = request;
        Ok(ReadResponse { state: current, private, problems: Problems::new() })
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        let made_up = self.made_up(request.address, false);
        let (Some(made_up), Some(block)) = (made_up, self.block(request.type_name)) else {
            return self.provider.plan(request).await;
        };
        let planned = match (request.prior.is_null(), request.proposed.is_null()) {
            (true, false) if in_plan(made_up.during) => {
                filled(block, &request.proposed, &self.now(&made_up))?
            }
            (true, false) => filled(block, &request.proposed, &Origin::Later)?,
            _ => request.proposed,
        };
        Ok(PlanResponse {
            planned,
            requires_replace: Vec::new(),
            private: request.private,
            notes: Vec::new(),
            problems: Problems::new(),
        })
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let made_up = self.made_up(request.address, false);
        let (Some(made_up), Some(block)) = (made_up, self.block(request.type_name)) else {
            return self.provider.apply(request).await;
        };
        let private = request.private.clone();
        match filled(block, &request.planned, &self.now(&made_up)) {
            Ok(state) => ApplyResponse { state, private, problems: Problems::new() },
            Err(problems) => ApplyResponse { state: request.prior, private, problems },
        }
    }

    async fn lookup(&self, request: LookupRequest<'_>) -> LookupAnswer {
        match self.made_up(request.address, false) {
            Some(_) => LookupAnswer::Absent,
            None => self.provider.lookup(request).await,
        }
    }

    async fn import(&self, request: ImportRequest<'_>) -> Result<Vec<ImportedObject>, Problems> {
        let made_up = self.made_up(request.address, false);
        let (Some(made_up), Some(block)) = (made_up, self.block(request.type_name)) else {
            return self.provider.import(request).await;
        };
        let Type::Object(object) = block.implied_type() else { return Ok(Vec::new()) };
        let empty = object.attributes.iter().map(|(name, ty)| {
            let is_id = name == "id" && *ty == Type::String;
            (name.clone(), if is_id { Value::from(request.id) } else { Value::null_of(ty.clone()) })
        });
        let state = filled(block, &Value::object(empty), &self.now(&made_up))?;
        let type_name = request.type_name.into();
        Ok(vec![ImportedObject { type_name, state, private: Vec::new() }])
    }

    async fn read_data(&self, type_name: &str, config: Value) -> Result<Value, Problems> {
        self.provider.read_data(type_name, config).await
    }

    async fn read_data_at(
        &self,
        address: &str,
        type_name: &str,
        config: Value,
    ) -> Result<Value, Problems> {
        let schema = self.provider.schema().data_sources.get(type_name);
        match (self.made_up(address, true), schema) {
            (Some(made_up), Some(schema)) => filled(&schema.block, &config, &self.now(&made_up)),
            _ => self.provider.read_data_at(address, type_name, config).await,
        }
    }

    async fn open(&self, type_name: &str, config: Value) -> Result<Opened, Problems> {
        self.provider.open(type_name, config).await
    }

    async fn renew(&self, type_name: &str, private: Vec<u8>) -> Result<Lease, Problems> {
        self.provider.renew(type_name, private).await
    }

    async fn close(&self, type_name: &str, private: Vec<u8>) -> Problems {
        self.provider.close(type_name, private).await
    }

    async fn stop(&self) {
        self.provider.stop().await;
    }
}

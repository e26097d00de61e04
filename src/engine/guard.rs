//! Between the engine and each provider: every call has a deadline, a panic is an error of that call,
//! and an answer of the wrong shape never gets further.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, ImportRequest, ImportedObject, Lease,
    LookupAnswer, LookupRequest, Opened, PlanRequest, PlanResponse, Problem, ProblemKind, Problems,
    Provider, ProviderSchema, ReadRequest, ReadResponse, UpgradeRequest,
};
use skyform_value::{Mode, Str, Type, Value};

mod shape;

use shape::{misfit, settled};

/// How long providers may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// To answer a question: read, plan, validate, look up.
    pub answer: Duration,
    /// To create, update or delete.
    pub operation: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { answer: Duration::from_secs(10 * 60), operation: Duration::from_secs(6 * 3600) }
    }
}

/// A provider that cannot do harm by hanging, panicking or answering nonsense.
pub(crate) struct Guarded {
    provider: Arc<dyn Provider>,
    source: Str,
    deadlines: Deadlines,
    /// Types of the values of resources, data sources and ephemeral resources.
    types: HashMap<(Mode, Str), Type>,
}

impl Guarded {
    pub(crate) fn new(provider: Arc<dyn Provider>, source: Str, deadlines: Deadlines) -> Self {
        let offered = provider.schema();
        let managed = offered.resources.iter().map(|(name, ty)| (Mode::Managed, name, &ty.schema));
        let data = offered.data_sources.iter().map(|(name, schema)| (Mode::Data, name, schema));
        let ephemeral = offered.ephemeral.iter();
        let ephemeral = ephemeral.map(|(name, schema)| (Mode::Ephemeral, name, schema));
        let types = managed
            .chain(data)
            .chain(ephemeral)
            .map(|(mode, name, schema)| ((mode, name.clone()), schema.block.implied_type()))
            .collect();
        Self { types, provider, source, deadlines }
    }

    async fn ask<T>(&self, call: impl Future<Output = T>) -> Result<T, Problem> {
        self.within(self.deadlines.answer, ProblemKind::Unavailable, call).await
    }

    async fn within<T>(
        &self,
        limit: Duration,
        kind: ProblemKind,
        call: impl Future<Output = T>,
    ) -> Result<T, Problem> {
        // What a panic leaves half done is inside the provider, which is not asked about this again.
        match tokio::time::timeout(limit, AssertUnwindSafe(call).catch_unwind()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(panic)) => Err(Problem::error(
                kind,
                "Provider crashed",
                format!("{} ended with: {}", self.source, message(&*panic)),
            )
            .hint("This is a bug in the provider.")),
            Err(_) => Err(Problem::error(
                kind,
                "Provider did not answer in time",
                format!("{} has not answered within {}.", self.source, shown(limit)),
            )
            .hint("SKYFORM_OPERATION_TIMEOUT=12h gives it longer, for example.")),
        }
    }

    fn check(&self, type_name: &str, value: &Value, may_be_unknown: bool) -> Result<(), Problem> {
        self.check_of(Mode::Managed, type_name, value, may_be_unknown)
    }

    fn check_of(
        &self,
        mode: Mode,
        type_name: &str,
        value: &Value,
        may_be_unknown: bool,
    ) -> Result<(), Problem> {
        let Some(ty) = self.types.get(&(mode, type_name.into())) else { return Ok(()) };
        match misfit(value, ty, may_be_unknown) {
            Some(wrong) => Err(self.nonsense(&wrong)),
            None => Ok(()),
        }
    }

    /// What was read for a data source, if it can be that.
    fn data(&self, type_name: &str, value: Value) -> Result<Value, Problems> {
        if value.is_null() {
            return Err(self.nonsense("it gave nothing for a data source").into());
        }
        self.check_of(Mode::Data, type_name, &value, false)?;
        Ok(value)
    }

    fn nonsense(&self, wrong: &str) -> Problem {
        Problem::error(
            ProblemKind::Other,
            "Provider gave an answer of the wrong shape",
            format!("{}: {wrong}.", self.source),
        )
        .hint("This is a bug in the provider.")
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic")
}

fn shown(limit: Duration) -> String {
    let seconds = limit.as_secs();
    match seconds {
        0 => format!("{} ms", limit.as_millis()),
        seconds if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        seconds if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

#[async_trait]
impl Provider for Guarded {
    fn schema(&self) -> &ProviderSchema {
        self.provider.schema()
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<Problems, Problems> {
        self.ask(self.provider.configure(request)).await.map_err(Problems::from)?
    }

    async fn validate(&self, type_name: &str, config: &Value) -> Problems {
        let answer = self.ask(self.provider.validate(type_name, config)).await;
        answer.unwrap_or_else(Problems::from)
    }

    async fn upgrade(&self, request: UpgradeRequest<'_>) -> Result<Option<Value>, Problems> {
        let type_name = request.type_name;
        let answer = self.ask(self.provider.upgrade(request)).await.map_err(Problems::from)??;
        if let Some(value) = &answer {
            self.check(type_name, value, false)?;
        }
        Ok(answer)
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        let type_name = request.type_name;
        let answer = self.ask(self.provider.read(request)).await.map_err(Problems::from)??;
        self.check(type_name, &answer.state, false)?;
        Ok(answer)
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        let type_name = request.type_name;
        let answer = self.ask(self.provider.plan(request)).await.map_err(Problems::from)??;
        self.check(type_name, &answer.planned, true)?;
        Ok(answer)
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let (type_name, prior) = (request.type_name, request.prior.clone());
        let (planned, private) = (request.planned.clone(), request.private.clone());
        let call = self.provider.apply(request);
        let answer = self.within(self.deadlines.operation, ProblemKind::InDoubt, call).await;
        let mut answer = match answer {
            Ok(answer) => answer,
            // Nothing is known of the object but what it was.
            Err(problem) => {
                return ApplyResponse { state: prior, private, problems: vec![problem] };
            }
        };
        let failed = answer.problems.iter().any(Problem::is_error);
        if planned.is_null() && !answer.state.is_null() && !failed {
            answer.problems.push(self.nonsense("it says that a deleted object is still there"));
        }
        if let Err(problem) = self.check(type_name, &answer.state, failed) {
            answer.problems.push(problem);
        }
        // Something has been made all the same: what can be kept of it is.
        if let Some(ty) = self.types.get(&(Mode::Managed, type_name.into())) {
            let stand_in = if planned.is_null() { &prior } else { &planned };
            answer.state = settled(answer.state, ty, stand_in);
        }
        answer
    }

    async fn lookup(&self, request: LookupRequest<'_>) -> LookupAnswer {
        let type_name = request.type_name;
        match self.ask(self.provider.lookup(request)).await {
            Ok(LookupAnswer::Found(value, private)) => {
                let fits = !value.is_null() && self.check(type_name, &value, false).is_ok();
                if fits { LookupAnswer::Found(value, private) } else { LookupAnswer::Unknown }
            }
            Ok(answer) => answer,
            Err(_) => LookupAnswer::Unknown,
        }
    }

    async fn import(&self, request: ImportRequest<'_>) -> Result<Vec<ImportedObject>, Problems> {
        let answer = self.ask(self.provider.import(request)).await.map_err(Problems::from)??;
        for object in &answer {
            self.check(&object.type_name, &object.state, true)?;
        }
        Ok(answer)
    }

    async fn read_data(&self, type_name: &str, config: Value) -> Result<Value, Problems> {
        let call = self.provider.read_data(type_name, config);
        self.data(type_name, self.ask(call).await.map_err(Problems::from)??)
    }

    async fn read_data_at(
        &self,
        address: &str,
        type_name: &str,
        config: Value,
    ) -> Result<Value, Problems> {
        let call = self.provider.read_data_at(address, type_name, config);
        self.data(type_name, self.ask(call).await.map_err(Problems::from)??)
    }

    async fn open(&self, type_name: &str, config: Value) -> Result<Opened, Problems> {
        let call = self.provider.open(type_name, config);
        let opened = self.ask(call).await.map_err(Problems::from)??;
        let wrong = match self.check_of(Mode::Ephemeral, type_name, &opened.value, false) {
            Ok(()) if opened.value.is_null() => self.nonsense("it opened nothing"),
            Ok(()) => return Ok(opened),
            Err(wrong) => wrong,
        };
        // It is open all the same.
        let mut problems = self.close(type_name, opened.lease.private).await;
        problems.insert(0, wrong);
        Err(problems)
    }

    async fn renew(&self, type_name: &str, private: Vec<u8>) -> Result<Lease, Problems> {
        self.ask(self.provider.renew(type_name, private)).await.map_err(Problems::from)?
    }

    async fn close(&self, type_name: &str, private: Vec<u8>) -> Problems {
        let answer = self.ask(self.provider.close(type_name, private)).await;
        answer.unwrap_or_else(Problems::from)
    }

    async fn stop(&self) {
        // A provider that does not end is left behind with the process.
        let _ = self.ask(self.provider.stop()).await;
    }
}

#[cfg(test)]
mod tests;

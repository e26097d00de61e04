//! What `init` does about the backend.

use std::sync::Arc;

use skyform_diag::Diagnostics;
use skyform_state::{Backend, LocalBackend};

use super::given::configured;
use super::migrate::{Approval, migrate};
use super::options;
use super::record::{self, Record};
use super::select::{changed, difference, open};
use crate::cli::arguments::InitArgs;
use crate::cli::context::Context;
use crate::cli::project::{is_true, state_problem};

/// Prepares this folder for the backend that is configured; says what it did.
pub(crate) fn initialize(context: &Context, args: &InitArgs) -> Result<(), Diagnostics> {
    let (given, recorded) = (configured(context)?, record::read(context)?);
    let next = match &given {
        None => None,
        Some(given) => {
            let kept = recorded.as_ref().filter(|record| record.kind == given.kind);
            let options = match (args.backend_config.as_slice(), kept) {
                ([], Some(record)) if !args.reconfigure => record.options.clone(),
                (options, _) => options::parse(context, options, &given.kind)?,
            };
            let (kind, config) = (given.kind.clone(), given.values.clone());
            Some(Record { kind, config, options })
        }
    };
    if next == recorded && !args.reconfigure {
        if let Some(record) = &next {
            reach(context, &*open(context, &record.kind, record.values())?)?;
        }
        return Ok(());
    }
    if let Some(record) = &recorded
        && !args.reconfigure
        && !args.migrate_state
        && !args.force_copy
    {
        let how = difference(given.as_ref(), record);
        let how = how.unwrap_or_else(|| "Options of -backend-config have changed.".to_owned());
        return Err(changed(&how).into());
    }
    let to = opened(context, next.as_ref())?;
    reach(context, &*to)?;
    if !args.reconfigure {
        let from = opened(context, recorded.as_ref())?;
        let approval = match args.force_copy {
            true => Approval::Given,
            false if is_true(&args.shown.input) => Approval::Asked,
            false => Approval::Refused,
        };
        migrate(context, &*from, &*to, approval)?;
    }
    record::write(context, next.as_ref())?;
    if let Some(record) = &next {
        context.print(&format!("- the state is kept by the backend \"{}\"\n", record.kind));
    }
    Ok(())
}

fn opened(context: &Context, record: Option<&Record>) -> Result<Arc<dyn Backend>, Diagnostics> {
    match record {
        Some(record) => open(context, &record.kind, record.values()),
        None => Ok(Arc::new(LocalBackend::default())),
    }
}

/// Whether the state can be read there: credentials that do not do are better known now than later.
fn reach(context: &Context, backend: &dyn Backend) -> Result<(), Diagnostics> {
    let store = backend.store(&context.workspace.name, &context.here()?);
    let read = store.and_then(|mut store| store.read());
    read.map(drop).map_err(|error| state_problem(&error).into())
}

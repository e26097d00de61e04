//! Buckets of the stack in the current folder.

use std::path::Path;

use serde_json::Value as Json;
use skyform_diag::{Diagnostic, Location as Shown};
use skyform_provider_portable::kept_settings;

use super::stores::Store;
use crate::cli::context::Context;
use crate::cli::{project, providers};

/// The store of a bucket that the state knows, and its URL with a slash at the end.
pub(super) fn bucket(
    context: &Context,
    text: &str,
    address: &str,
) -> Result<(Store, String), Diagnostic> {
    let problem = |detail: String| {
        Diagnostic::error(Shown::input(text), "Bucket of the stack cannot be used", detail)
    };
    let ledger = project::read_state(context).map_err(|problems| {
        let first = problems.iter().next().map(|first| first.detail.clone());
        problem(first.unwrap_or_else(|| "The state cannot be read.".to_owned()))
    })?;
    let all: Vec<_> = ledger.state().instances().collect();
    let named: Vec<String> = all.iter().map(|(found, _)| found.to_string()).collect();
    let found = all.iter().zip(&named).find(|(_, name)| *name == address);
    let object = found.and_then(|((_, instance), _)| instance.current.as_ref());
    let Some(object) = object else {
        let buckets = named.iter().map(String::as_str).filter(|name| name.contains("bucket."));
        return Err(problem(format!("The state has no {address}."))
            .hint("skyform state list shows what there is; apply makes what is missing.")
            .did_you_mean(address, buckets));
    };
    let attributes: Json = serde_json::from_str(&object.attributes).unwrap_or_default();
    let text_of = |name: &str| attributes.get(name).and_then(Json::as_str).map(str::to_owned);
    let settings = kept_settings(&object.private);
    let (Some(settings), Some(name), Some(url)) = (settings, text_of("name"), text_of("url"))
    else {
        return Err(problem(format!("{address} is no bucket.")));
    };
    let data_dir = context.variable("SKYFORM_DATA_DIR").unwrap_or(".skyform");
    let drivers = providers::drivers(Path::new(data_dir));
    let driver = drivers.get(&settings.driver).ok_or_else(|| {
        problem(format!("Its cloud is driven by \"{}\", which is not here.", settings.driver))
    })?;
    let cloud = driver.cloud(&settings);
    let operator = cloud.and_then(|cloud| cloud.objects(&name));
    let operator =
        operator.map_err(|failed| failed.into_diagnostic(Shown::input(text), address))?;
    let endpoint = settings.endpoint_of("s3").unwrap_or_default();
    let identity = format!("{} {url} {endpoint}", settings.driver);
    Ok((Store { operator, identity }, format!("{url}/")))
}

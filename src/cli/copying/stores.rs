//! Operators of stores, with credentials from each cloud's usual places.

use std::path::Path;

use opendal::{Operator, services};
use skyform_diag::{Diagnostic, Location as Place};
use skyform_provider_sdk::{CloudSettings, Patience, Problem, with_patience};

use super::location::Kind;
use crate::cli::context::Context;
use crate::cli::providers;

/// A store, and what tells it from others.
pub(crate) struct Store {
    pub(crate) operator: Operator,
    /// Where it is: `s3 https://host bucket`.
    pub(super) identity: String,
}

/// The store that a URL leads to; in `region`, where the URL names one.
pub(crate) async fn remote(
    context: &Context,
    shown: &str,
    kind: &Kind,
    bucket: &str,
    endpoint: Option<&str>,
    region: Option<&str>,
) -> Result<Store, Diagnostic> {
    opendal::install_default();
    let variable = |names: &[&str]| {
        let set = names.iter().filter_map(|name| context.variable(name));
        set.filter(|text| !text.is_empty()).map(str::to_owned).next()
    };
    let given = |names: &[&str]| endpoint.map(str::to_owned).or_else(|| variable(names));
    let driven = |settings: &CloudSettings| driven(context, shown, settings, bucket);
    let (operator, kind_name, endpoint) = match kind {
        Kind::S3 => {
            let endpoint = given(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]);
            let region = region.map(str::to_owned);
            let region = region.or_else(|| variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
            let region = match (region, &endpoint) {
                (None, None) => region_of(bucket).await,
                (region, _) => region.unwrap_or_default(),
            };
            let driver = if endpoint.is_some() { "s3" } else { "aws" };
            let settings = CloudSettings { region, ..settings(driver, &endpoint) };
            (driven(&settings)?, "s3", endpoint)
        }
        Kind::Gcs => {
            let endpoint = given(&["STORAGE_EMULATOR_HOST"]);
            (driven(&settings("gcp", &endpoint))?, "gs", endpoint)
        }
        Kind::Azure(account) => {
            let account = account
                .clone()
                .or_else(|| variable(&["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"]));
            if account.is_none() && variable(&["AZURE_STORAGE_CONNECTION_STRING"]).is_none() {
                return Err(no_account(shown));
            }
            let endpoint = given(&["AZURE_STORAGE_BLOB_ENDPOINT"]);
            let account_name = account.clone().unwrap_or_default();
            let settings = CloudSettings { account, ..settings("azure", &endpoint) };
            let operator = driven(&settings)?;
            let own = format!("https://{account_name}.blob.core.windows.net");
            (operator, "azblob", Some(endpoint.unwrap_or(own)))
        }
        Kind::Oss => {
            let endpoint = needed(shown, given(&["OSS_ENDPOINT"]))?;
            let oss = services::Oss::default().bucket(bucket).endpoint(&endpoint);
            (enduring(shown, Operator::new(oss))?, "oss", Some(endpoint))
        }
        Kind::Cos => {
            let endpoint = needed(shown, given(&["COS_ENDPOINT"]))?;
            let cos = services::Cos::default().bucket(bucket).endpoint(&endpoint);
            (enduring(shown, Operator::new(cos))?, "cos", Some(endpoint))
        }
        Kind::Obs => {
            let endpoint = needed(shown, given(&["OBS_ENDPOINT"]))?;
            let obs = services::Obs::default().bucket(bucket).endpoint(&endpoint);
            (enduring(shown, Operator::new(obs))?, "obs", Some(endpoint))
        }
    };
    let endpoint = endpoint.unwrap_or_default();
    let identity = format!("{kind_name} {} {bucket}", endpoint.trim_end_matches('/'));
    Ok(Store { operator, identity })
}

/// A cloud that no block describes.
fn settings(driver: &str, endpoint: &Option<String>) -> CloudSettings {
    let (driver, endpoint) = (driver.to_owned(), endpoint.clone());
    CloudSettings { name: driver.clone(), driver, endpoint, ..CloudSettings::default() }
}

/// The objects of a bucket as the driver of stacks reaches them: with its credentials, from wherever
/// that looks for them.
fn driven(
    context: &Context,
    shown: &str,
    settings: &CloudSettings,
    bucket: &str,
) -> Result<Operator, Diagnostic> {
    let drivers = providers::drivers(context.data_dir());
    let Some(driver) = drivers.get(&settings.driver) else {
        let detail = format!("This program was built without the driver \"{}\".", settings.driver);
        return Err(Diagnostic::error(Place::input(shown), "Driver not available", detail)
            .hint("Use a build with all drivers."));
    };
    let operator = driver.cloud(settings).and_then(|cloud| cloud.objects(bucket));
    operator.map_err(|problem| {
        let Problem { summary, detail, hint, .. } = problem;
        let diagnostic = Diagnostic::error(Place::input(shown), summary, detail);
        match hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    })
}

/// A folder of this machine; with `staged`, files appear in it only when they are whole.
pub(super) fn folder(shown: &str, root: &Path, staged: Option<&Path>) -> Result<Store, Diagnostic> {
    let mut files = services::Fs::default().root(&root.to_string_lossy());
    if let Some(staged) = staged {
        files = files.atomic_write_dir(&staged.to_string_lossy());
    }
    let operator = Operator::new(files).map_err(|error| unusable(shown, &error))?;
    Ok(Store { operator, identity: format!("fs {}", root.display()) })
}

async fn region_of(bucket: &str) -> String {
    let asked = services::S3::detect_region("https://s3.amazonaws.com", bucket).await;
    asked.unwrap_or_else(|| "us-east-1".to_owned())
}

/// Tries again what may work the next time, and waits for nothing for ever.
fn enduring(shown: &str, built: opendal::Result<Operator>) -> Result<Operator, Diagnostic> {
    let operator = built.map_err(|error| unusable(shown, &error))?;
    Ok(with_patience(operator, Patience::default()))
}

fn no_account(shown: &str) -> Diagnostic {
    let detail = "A container is in an account, and nothing says in which.";
    Diagnostic::error(Place::input(shown), "Unknown storage account", detail).hint(
        "Set AZURE_STORAGE_ACCOUNT, or write https://ACCOUNT.blob.core.windows.net/CONTAINER/KEY.",
    )
}

fn needed(shown: &str, endpoint: Option<String>) -> Result<String, Diagnostic> {
    endpoint.ok_or_else(|| {
        let detail = "This cloud's servers differ by region, and nothing says which one is meant.";
        Diagnostic::error(Place::input(shown), "Unknown server", detail)
            .hint("Give -source-endpoint=URL or -destination-endpoint=URL.")
    })
}

fn unusable(shown: &str, error: &opendal::Error) -> Diagnostic {
    Diagnostic::error(Place::input(shown), "Store cannot be used", format!("{error}."))
}

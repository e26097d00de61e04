//! Operators of stores, with credentials from each cloud's usual places.

use std::path::Path;
use std::time::Duration;

use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::{Operator, services};
use skyform_diag::{Diagnostic, Location as Place};

use super::location::Kind;
use crate::cli::context::Context;

/// No answer within that is as good as none.
const ANSWER: Duration = Duration::from_secs(60);

/// A part may take that long to be sent, or to come.
const PART: Duration = Duration::from_secs(600);

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
    let (built, kind_name, endpoint) = match kind {
        Kind::S3 => {
            let endpoint = given(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]);
            let region = region.map(str::to_owned);
            let region = match region.or_else(|| variable(&["AWS_REGION", "AWS_DEFAULT_REGION"])) {
                Some(region) => region,
                None => region_of(endpoint.as_deref(), bucket).await,
            };
            (s3(bucket, &region, endpoint.as_deref()), "s3", endpoint)
        }
        Kind::Gcs => {
            let endpoint = given(&["STORAGE_EMULATOR_HOST"]);
            (gcs(bucket, endpoint.as_deref()), "gs", endpoint)
        }
        Kind::Azure(account) => {
            let account = account
                .clone()
                .or_else(|| variable(&["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"]));
            let Some(account) = account else { return Err(no_account(shown)) };
            let own = format!("https://{account}.blob.core.windows.net");
            let endpoint = given(&["AZURE_STORAGE_BLOB_ENDPOINT"]).unwrap_or(own);
            let key = variable(&["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"]);
            let sas = variable(&["AZURE_STORAGE_SAS_TOKEN"]);
            let mut azure = services::Azblob::default().container(bucket).endpoint(&endpoint);
            azure = azure.account_name(&account);
            if let Some(key) = key {
                azure = azure.account_key(&key);
            } else if let Some(sas) = sas {
                azure = azure.sas_token(&sas);
            }
            (Operator::new(azure), "azblob", Some(endpoint))
        }
        Kind::Oss => {
            let endpoint = needed(shown, given(&["OSS_ENDPOINT"]))?;
            (
                Operator::new(services::Oss::default().bucket(bucket).endpoint(&endpoint)),
                "oss",
                Some(endpoint),
            )
        }
        Kind::Cos => {
            let endpoint = needed(shown, given(&["COS_ENDPOINT"]))?;
            (
                Operator::new(services::Cos::default().bucket(bucket).endpoint(&endpoint)),
                "cos",
                Some(endpoint),
            )
        }
        Kind::Obs => {
            let endpoint = needed(shown, given(&["OBS_ENDPOINT"]))?;
            (
                Operator::new(services::Obs::default().bucket(bucket).endpoint(&endpoint)),
                "obs",
                Some(endpoint),
            )
        }
    };
    let operator = built.map_err(|error| unusable(shown, &error))?;
    let endpoint = endpoint.unwrap_or_default();
    let identity = format!("{kind_name} {} {bucket}", endpoint.trim_end_matches('/'));
    Ok(Store { operator: enduring(operator), identity })
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

fn s3(bucket: &str, region: &str, endpoint: Option<&str>) -> opendal::Result<Operator> {
    let s3 = services::S3::default().bucket(bucket).region(region);
    Operator::new(match endpoint {
        Some(endpoint) => s3.endpoint(endpoint),
        // Its own servers check each request's CRC-32C; other servers may not know it.
        None if bucket.contains('.') => s3.checksum_algorithm("crc32c"),
        None => s3.checksum_algorithm("crc32c").enable_virtual_host_style(),
    })
}

fn gcs(bucket: &str, endpoint: Option<&str>) -> opendal::Result<Operator> {
    let gcs = services::Gcs::default().bucket(bucket);
    let Some(endpoint) = endpoint else { return Operator::new(gcs) };
    let gcs = gcs.endpoint(endpoint);
    // Credentials are not for servers in the clear.
    match endpoint.starts_with("http://") {
        true => Operator::new(gcs.skip_signature().disable_vm_metadata().disable_config_load()),
        false => Operator::new(gcs),
    }
}

async fn region_of(endpoint: Option<&str>, bucket: &str) -> String {
    const USUAL: &str = "us-east-1";
    if endpoint.is_some() {
        return USUAL.to_owned();
    }
    let asked = services::S3::detect_region("https://s3.amazonaws.com", bucket).await;
    asked.unwrap_or_else(|| USUAL.to_owned())
}

/// Tries again what may work the next time, and waits for nothing for ever.
fn enduring(operator: Operator) -> Operator {
    let timeout = TimeoutLayer::new().with_timeout(ANSWER).with_io_timeout(PART);
    let retry = RetryLayer::new()
        .with_jitter()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(20))
        .with_max_times(6)
        .with_notify(|_: opendal::layers::RetryEvent<'_>| {});
    operator.layer(timeout).layer(retry)
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

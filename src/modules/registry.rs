//! Registries: discovery, versions, and where a version is.
//!
//! Source: the documentation of the module registry protocol and of remote service discovery.

use serde_json::Value as Json;

use crate::http::{get, resolve};
use crate::{ModuleError, RegistryAddress};

/// The version that is wanted and where it is.
pub(crate) fn locate(
    agent: &ureq::Agent,
    scheme: &str,
    address: &RegistryAddress,
    choose: &dyn Fn(&[String]) -> Option<String>,
) -> Result<(String, String), ModuleError> {
    let base = discover(agent, scheme, &address.host)?;
    let RegistryAddress { namespace, name, provider, .. } = address;
    let module = format!("{base}{namespace}/{name}/{provider}");
    let answer = json(&get(agent, &format!("{module}/versions"))?.body, address)?;
    let versions = answer["modules"][0]["versions"].as_array().into_iter().flatten();
    let versions: Vec<String> =
        versions.filter_map(|version| version["version"].as_str().map(str::to_owned)).collect();
    let version = choose(&versions).ok_or_else(|| {
        let known = if versions.is_empty() { "none".to_owned() } else { versions.join(", ") };
        ModuleError::Registry(format!(
            "no version of {address} fits the constraint; there are: {known}"
        ))
    })?;
    let url = format!("{module}/{version}/download");
    let answer = get(agent, &url)?;
    let location = match answer.location {
        Some(location) => location,
        None => json(&answer.body, address)?["location"].as_str().map(str::to_owned).ok_or_else(
            || {
                ModuleError::Registry(format!(
                    "the registry does not say where {address} {version} is"
                ))
            },
        )?,
    };
    Ok((version, resolve(&url, &location)))
}

/// Where a host has its modules.
fn discover(agent: &ureq::Agent, scheme: &str, host: &str) -> Result<String, ModuleError> {
    let url = format!("{scheme}://{host}/.well-known/terraform.json");
    let answer = get(agent, &url)?;
    let services: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    let service = services["modules.v1"]
        .as_str()
        .ok_or_else(|| ModuleError::Registry(format!("{host} has no registry of modules")))?;
    let base = resolve(&url, service);
    Ok(if base.ends_with('/') { base } else { format!("{base}/") })
}

fn json(body: &[u8], address: &RegistryAddress) -> Result<Json, ModuleError> {
    serde_json::from_slice(body).map_err(|error| {
        ModuleError::Registry(format!("the registry's answer about {address} is no JSON: {error}"))
    })
}

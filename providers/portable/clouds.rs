//! Which cloud a block means, and how it is driven.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use skyform_provider_sdk::{Cloud, CloudSettings, ConfigureRequest, Driver, Problem, ProblemKind};
use skyform_value::{Path, Value};

use crate::egress;
use crate::here::HereCloud;
use crate::located::Met;

/// The driver of the machine that the program runs on.
const HERE: &str = "local";

/// Drivers by name, and the clouds that the configuration declares.
pub(crate) struct Clouds {
    drivers: BTreeMap<String, Arc<dyn Driver>>,
    declared: RwLock<BTreeMap<String, CloudSettings>>,
    /// USD for a GiB that leaves a cloud, by its name.
    egress: RwLock<BTreeMap<String, Decimal>>,
    /// Buckets whose blocks this run has met.
    pub(crate) met: RwLock<Met>,
}

/// What is kept with an object to reach it again when its `cloud` block is gone.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    settings: CloudSettings,
    token: String,
}

impl Clouds {
    pub(crate) fn new(drivers: BTreeMap<String, Arc<dyn Driver>>) -> Self {
        Self {
            drivers,
            declared: RwLock::default(),
            egress: RwLock::default(),
            met: RwLock::default(),
        }
    }

    /// Takes the clouds of a configuration.
    pub(crate) fn declare(&self, request: &ConfigureRequest) {
        let text =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let settings = request.clouds.iter().map(|(name, value)| {
            let settings = CloudSettings {
                name: name.to_string(),
                driver: text(value, "driver").unwrap_or_else(|| name.to_string()),
                region: text(value, "region").unwrap_or_default(),
                endpoint: text(value, "endpoint"),
                endpoints: crate::object::text_map(value, "endpoints"),
                account: text(value, "account"),
                project: text(value, "project"),
                profile: text(value, "profile"),
                staging: text(value, "staging"),
                serve_here: crate::object::truth(value, "serve_here"),
            };
            (name.to_string(), settings)
        });
        let mut declared = self.declared.write().unwrap_or_else(PoisonError::into_inner);
        *declared = settings.collect();
        let prices = request.clouds.iter();
        let prices = prices.map(|(name, cloud)| (name.to_string(), egress::price_per_gib(cloud)));
        *self.egress.write().unwrap_or_else(PoisonError::into_inner) = prices.collect();
    }

    /// What it costs once to move bytes out of a cloud, in words; none if nothing.
    pub(crate) fn egress(&self, cloud: &str, bytes: u64) -> Option<String> {
        let prices = self.egress.read().unwrap_or_else(PoisonError::into_inner);
        egress::in_words(bytes, *prices.get(cloud)?)
    }

    /// The settings of a declared cloud, by name.
    pub(crate) fn settings(&self, name: &str) -> Result<CloudSettings, Problem> {
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        declared.get(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = declared.keys().map(String::as_str).collect();
            let detail = format!("There is no cloud block named \"{name}\".");
            Problem::error(ProblemKind::Invalid, "Unknown cloud", detail)
                .at(Path::attribute("cloud"))
                .hint(if known.is_empty() {
                    format!("Declare it: cloud \"{name}\" {{}}")
                } else {
                    format!("Declared are: {}.", known.join(", "))
                })
        })
    }

    /// The settings of a cloud. What is declared now counts; what was kept with an object is for
    /// clouds that are declared no more.
    pub(crate) fn settings_or_kept(
        &self,
        name: &str,
        private: &[u8],
    ) -> Result<CloudSettings, Problem> {
        match (self.settings(name), kept(private)) {
            (Ok(settings), _) | (Err(_), Some((settings, _))) => Ok(settings),
            (Err(problem), None) => Err(problem),
        }
    }

    /// The settings of all declared clouds, by name.
    pub(crate) fn declared(&self) -> Vec<CloudSettings> {
        let declared = self.declared.read().unwrap_or_else(PoisonError::into_inner);
        declared.values().cloned().collect()
    }

    /// The cloud with these settings.
    pub(crate) fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let Some(driver) = self.drivers.get(&settings.driver) else {
            let known: Vec<&str> = self.drivers.keys().map(String::as_str).collect();
            let detail = format!(
                "The cloud \"{}\" is to be driven by \"{}\", and there is no such driver.",
                settings.name, settings.driver
            );
            return Err(Problem::error(ProblemKind::Unsupported, "Driver not available", detail)
                .at(Path::attribute("cloud"))
                .hint(format!("Available: {}.", known.join(", "))));
        };
        let cloud = driver.cloud(settings)?;
        match self.drivers.get(HERE) {
            Some(here) if settings.serve_here && settings.driver != HERE => {
                let here = here.cloud(&CloudSettings {
                    name: settings.name.clone(),
                    driver: HERE.to_owned(),
                    region: settings.region.clone(),
                    ..CloudSettings::default()
                })?;
                Ok(Arc::new(HereCloud { cloud, here }))
            }
            _ => Ok(cloud),
        }
    }
}

/// Settings and token as private bytes of an object.
pub(crate) fn keep(settings: &CloudSettings, token: &str) -> Vec<u8> {
    let kept = Kept { settings: settings.clone(), token: token.to_owned() };
    serde_json::to_vec(&kept).unwrap_or_default()
}

/// What [`keep`] kept: settings and token.
pub(crate) fn kept(private: &[u8]) -> Option<(CloudSettings, String)> {
    let Kept { settings, token } = serde_json::from_slice(private).ok()?;
    Some((settings, token))
}

/// The cloud that an object of a portable block lies in, from the private bytes in its state.
pub fn kept_settings(private: &[u8]) -> Option<CloudSettings> {
    kept(private).map(|(settings, _)| settings)
}

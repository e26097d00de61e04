//! The driver and its clouds: each is a project.

use std::sync::Arc;

use async_trait::async_trait;
use opendal::Operator;
use skyform_provider_sdk::{
    BucketInfo, BucketSpec, Cloud, CloudCache, CloudSettings, Driver, Encryption, ObjectPlace,
    Problem, ProblemKind,
};
use skyform_value::Path;

use crate::api::Api;
use crate::auth::{Environment, Service};
use crate::buckets::Buckets;
use crate::{labels, names, objects};

/// Makes clouds that are projects.
pub struct GcpDriver {
    environment: Environment,
    made: CloudCache<GcpCloud>,
}

impl GcpDriver {
    /// The driver in an environment, which is asked for variables by name.
    pub fn new(environment: Environment) -> Self {
        Self { environment, made: CloudCache::default() }
    }
}

impl Driver for GcpDriver {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let cloud = self.made.get_or_make(settings, || GcpCloud::find(settings, &self.environment));
        cloud.map(|cloud| cloud as Arc<dyn Cloud>)
    }
}

impl GcpCloud {
    /// The project that settings and environment name. Nothing is contacted.
    fn find(settings: &CloudSettings, environment: &Environment) -> Result<Self, Problem> {
        let service = Service::find(settings, environment)?;
        let is_emulator = service.tokens.is_none();
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let project = settings.project.clone().or_else(|| variable("GOOGLE_CLOUD_PROJECT"));
        let project = project.or_else(|| is_emulator.then(|| "test".to_owned()));
        let location = Some(settings.region.clone()).filter(|region| is_location(region));
        Ok(Self {
            name: settings.name.clone(),
            is_placed: location.is_some() || is_emulator,
            has_project: project.is_some(),
            buckets: Buckets {
                api: Api::new(service.clone()),
                project: project.unwrap_or_default(),
                location,
            },
            service,
        })
    }
}

/// Whether a region is a location of buckets: `EU`, `NAM4`, `europe-west1`; and not just a label.
/// Source: "Bucket locations", Cloud Storage documentation.
fn is_location(region: &str) -> bool {
    let region = region.to_ascii_lowercase();
    let wide = ["us", "eu", "asia", "nam4", "eur4", "eur5", "eur7", "eur8", "asia1"];
    let narrow = || {
        let (area, rest) = region.split_once('-')?;
        let letters = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
        Some(plain(area) && plain(letters) && letters.len() < rest.len())
    };
    wide.contains(&region.as_str()) || narrow().unwrap_or(false)
}

#[derive(Debug)]
struct GcpCloud {
    name: String,
    has_project: bool,
    is_placed: bool,
    service: Service,
    buckets: Buckets,
}

#[async_trait]
impl Cloud for GcpCloud {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        names::locate(url)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        names::url(bucket, key)
    }

    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        let lacks =
            |attribute: &str, instead: &str| Err(Problem::unsupported("gcp", attribute, instead));
        let misses = |summary: &str, what: &str, hint: &str| {
            let detail = format!("The cloud \"{}\" does not say {what}.", self.name);
            Err(Problem::error(ProblemKind::Invalid, summary, detail)
                .at(Path::attribute("cloud"))
                .hint(hint))
        };
        if !self.has_project {
            return misses(
                "Missing project",
                "which project its buckets are in",
                "Add project = \"ID\" to the cloud block, or set GOOGLE_CLOUD_PROJECT.",
            );
        }
        if !self.is_placed {
            return misses(
                "Missing location",
                "where its buckets are",
                "Add a region to the cloud block, such as \"europe-west1\" or \"EU\".",
            );
        }
        if let Some(Encryption { key: None }) = &spec.settings.encryption {
            return lacks(
                "encryption",
                "Google Cloud always encrypts with a key of its own: leave the block out, or name a key of Cloud KMS.",
            );
        }
        if spec.settings.cors_rules.iter().any(|rule| !rule.allowed_headers.is_empty()) {
            return lacks(
                "cors_rule",
                "Cloud Storage has one list of headers for both directions: leave allowed_headers out, and use exposed_headers.",
            );
        }
        labels::check(&spec.settings.tags)
    }

    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.buckets.create(spec).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        self.buckets.read(name).await
    }

    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.buckets.update(spec).await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        self.buckets.delete(name, force).await
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        objects::operator(&self.service, bucket)
    }
}

#[cfg(test)]
mod tests;

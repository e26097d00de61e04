//! The driver and its clouds: each is a storage account.

use std::sync::Arc;

use async_trait::async_trait;
use opendal::Operator;
use skyform_provider_sdk::{
    BucketInfo, BucketSpec, Cloud, CloudCache, CloudSettings, Driver, Encryption, ObjectPlace,
    Problem,
};

use crate::auth::{Account, Environment};
use crate::buckets::Containers;
use crate::{metadata, names, objects};

/// Makes clouds that are storage accounts.
pub struct AzureDriver {
    environment: Environment,
    made: CloudCache<AzureCloud>,
}

impl AzureDriver {
    /// The driver in an environment, which is asked for variables by name.
    pub fn new(environment: Environment) -> Self {
        Self { environment, made: CloudCache::default() }
    }
}

impl Driver for AzureDriver {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let make = || {
            let account = Account::find(settings, &self.environment)?;
            Ok(AzureCloud { containers: Containers::new(account.clone()), account })
        };
        self.made.get_or_make(settings, make).map(|cloud| cloud as Arc<dyn Cloud>)
    }
}

struct AzureCloud {
    account: Account,
    containers: Containers,
}

#[async_trait]
impl Cloud for AzureCloud {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        names::locate(&self.account.service, url)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        names::url(&self.account.service, bucket, key)
    }

    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        let settings = &spec.settings;
        let lacks =
            |attribute: &str, instead: &str| Err(Problem::unsupported("azure", attribute, instead));
        if !settings.lifecycle_rules.is_empty() {
            return lacks("lifecycle_rule", "Set a management policy on the storage account.");
        }
        if !settings.cors_rules.is_empty() {
            return lacks("cors_rule", "Set the rules on the storage account's blob service.");
        }
        if let Some(Encryption { key: None }) = &settings.encryption {
            return lacks(
                "encryption",
                "Azure always encrypts with a key of its own: leave the block out, or name an encryption scope as its key.",
            );
        }
        metadata::check(&settings.tags)
    }

    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.containers.create(spec).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        self.containers.read(name).await
    }

    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.containers.update(spec).await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        self.containers.delete(name, force).await
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        objects::operator(&self.account, bucket)
    }
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;

//! Reads modules from object stores, with the credentials that `skyform copy` uses.

use opendal::Operator;
use opendal::options::ListOptions;
use skyform_modules::{Bucket, Objects, Store, Stored};
use tokio::runtime::Runtime;

use super::context::Context;
use super::copying::{StoreKind, remote_store};

/// Object stores as modules see them.
pub(super) struct ModuleObjects<'a>(pub(super) &'a Context);

/// A bucket and what waits for its answers.
struct OpenBucket {
    operator: Operator,
    runtime: Runtime,
}

impl Objects for ModuleObjects<'_> {
    fn open(&self, at: &Stored) -> Result<Box<dyn Bucket>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let kind = match at.store {
            Store::S3 => StoreKind::S3,
            Store::Gcs => StoreKind::Gcs,
        };
        let (endpoint, region) = (at.endpoint.as_deref(), at.region.as_deref());
        let shown = at.to_string();
        let store = remote_store(self.0, &shown, &kind, &at.bucket, endpoint, region);
        let store = runtime.block_on(store).map_err(|error| error.detail)?;
        Ok(Box::new(OpenBucket { operator: store.operator, runtime }))
    }
}

impl Bucket for OpenBucket {
    fn list(&self, prefix: &str) -> Result<Vec<String>, String> {
        let options = ListOptions { recursive: true, ..Default::default() };
        let entries = self.runtime.block_on(self.operator.list_options(prefix, options));
        let entries = entries.map_err(|error| error.to_string())?;
        Ok(entries.iter().map(|entry| entry.path().to_owned()).collect())
    }

    fn read(&self, key: &str) -> Result<Vec<u8>, String> {
        let content = self.runtime.block_on(self.operator.read(key));
        content.map(|content| content.to_vec()).map_err(|error| error.to_string())
    }
}

//! Reads modules from object stores, with the credentials that `skyform copy` uses.

use skyform_modules::{Objects, Store, Stored};

use super::context::Context;
use super::copying::{StoreKind, remote_store};

/// Object stores as modules see them.
pub(super) struct ModuleObjects<'a>(pub(super) &'a Context);

impl ModuleObjects<'_> {
    fn with<T>(
        &self,
        at: &Stored,
        ask: impl AsyncFnOnce(opendal::Operator) -> Result<T, opendal::Error>,
    ) -> Result<T, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let kind = match at.store {
            Store::S3 => StoreKind::S3,
            Store::Gcs => StoreKind::Gcs,
        };
        let (endpoint, region) = (at.endpoint.as_deref(), at.region.as_deref());
        let shown = at.to_string();
        runtime.block_on(async {
            let store = remote_store(self.0, &shown, &kind, &at.bucket, endpoint, region);
            let store = store.await.map_err(|error| error.detail)?;
            ask(store.operator).await.map_err(|error| error.to_string())
        })
    }
}

impl Objects for ModuleObjects<'_> {
    fn list(&self, at: &Stored) -> Result<Vec<String>, String> {
        let below = format!("{}/", at.key);
        let entries = self.with(at, async |store| {
            store
                .list_options(
                    &below,
                    opendal::options::ListOptions { recursive: true, ..Default::default() },
                )
                .await
        })?;
        Ok(entries.iter().map(|entry| entry.path().to_owned()).collect())
    }

    fn read(&self, at: &Stored, key: &str) -> Result<Vec<u8>, String> {
        self.with(at, async |store| store.read(key).await.map(|content| content.to_vec()))
    }
}

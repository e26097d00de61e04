//! The bucket: requests of the JSON API, and which object is whose state.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde_json::Value as Json;
use skyform_state::{Remote, RemoteError, RemoteErrorKind};

use super::client::Identity;
use super::object::GcsObject;
use crate::background::Background;
use crate::calls::{Answer, Calls};
use crate::remotes::Remotes;

/// A bucket of states.
#[derive(Clone, Debug)]
pub(crate) struct GcsPlace(pub(super) Arc<Service>);

/// A bucket, and how it is spoken to.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) background: Background,
    pub(super) calls: Calls,
    pub(super) identity: Identity,
    pub(super) endpoint: Url,
    pub(super) bucket: String,
    /// Ends with a slash unless it is empty.
    pub(super) prefix: String,
    pub(super) customer_key: Option<CustomerKey>,
    pub(super) kms_key: Option<String>,
}

/// A key that the service encrypts with and does not keep.
pub(super) struct CustomerKey {
    pub(super) key: String,
    pub(super) digest: String,
}

impl std::fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CustomerKey")
    }
}

impl Service {
    /// A URL of the API: steps of its path, each escaped as a whole.
    pub(super) fn url(&self, start: &[&str], steps: &[&str]) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(start).extend(steps);
        }
        url
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        prepare: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, RemoteError> {
        let headers = self.identity.headers().await?;
        let make = |client: &reqwest::Client| {
            let request = client.request(method.clone(), url.clone()).headers(headers.clone());
            let request = match &self.customer_key {
                Some(customer) => request
                    .header("x-goog-encryption-algorithm", "AES256")
                    .header("x-goog-encryption-key", &customer.key)
                    .header("x-goog-encryption-key-sha256", &customer.digest),
                None => request,
            };
            prepare(request)
        };
        self.calls.send(make).await
    }

    /// Names of objects that begin so.
    async fn names(&self, prefix: &str) -> Result<Vec<String>, RemoteError> {
        let mut names = Vec::new();
        let mut token = String::new();
        loop {
            let mut url = self.url(&["storage", "v1", "b"], &[&self.bucket, "o"]);
            url.query_pairs_mut().append_pair("prefix", prefix);
            if !token.is_empty() {
                url.query_pairs_mut().append_pair("pageToken", &token);
            }
            let answer = self.send(Method::GET, url, |request| request).await?;
            if !answer.status.is_success() {
                return Err(answer.error());
            }
            let page: Json = serde_json::from_slice(&answer.body).map_err(|error| {
                RemoteError::new(RemoteErrorKind::Other, format!("the list is not JSON: {error}"))
            })?;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            names.extend(items.iter().filter_map(|item| item["name"].as_str().map(str::to_owned)));
            match page["nextPageToken"].as_str() {
                Some(next) if !next.is_empty() => next.clone_into(&mut token),
                _ => return Ok(names),
            }
        }
    }

    /// The object of this name with a generation, or any.
    pub(super) async fn delete(
        &self,
        name: &str,
        generation: Option<&str>,
    ) -> Result<(), RemoteError> {
        let mut url = self.url(&["storage", "v1", "b"], &[&self.bucket, "o", name]);
        if let Some(generation) = generation {
            url.query_pairs_mut().append_pair("ifGenerationMatch", generation);
        }
        let answer = self.send(Method::DELETE, url, |request| request).await?;
        match answer.status {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            _ => Err(answer.error()),
        }
    }
}

impl Remotes for GcsPlace {
    fn place(&self) -> String {
        format!("gs://{}/{}", self.0.bucket, self.0.prefix)
    }

    fn list(&self) -> Result<Vec<String>, RemoteError> {
        let service = Arc::clone(&self.0);
        let names = self.0.background.wait(async move { service.names(&service.prefix).await })?;
        let own = names.iter().filter_map(|name| {
            let rest = name.strip_prefix(&self.0.prefix)?.strip_suffix(".tfstate")?;
            (!rest.contains('/')).then(|| rest.to_owned())
        });
        Ok(own.collect())
    }

    fn delete(&self, workspace: &str) -> Result<(), RemoteError> {
        let service = Arc::clone(&self.0);
        let name = format!("{}{workspace}.tfstate", self.0.prefix);
        self.0.background.wait(async move { service.delete(&name, None).await })
    }

    fn remote(&self, workspace: &str) -> Arc<dyn Remote> {
        let stem = format!("{}{workspace}", self.0.prefix);
        Arc::new(GcsObject { service: Arc::clone(&self.0), stem })
    }
}

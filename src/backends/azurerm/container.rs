//! The container: requests of the REST API, and which blob is whose state.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, Url};
use serde::Deserialize;
use skyform_state::{DEFAULT_WORKSPACE, Remote, RemoteError, RemoteErrorKind};

use super::blob::AzureBlob;
use super::client::Identity;
use crate::background::Background;
use crate::calls::{Answer, Calls};
use crate::remotes::Remotes;

/// The version of the service's API.
const API: &str = "2021-12-02";

/// A container of states.
#[derive(Clone, Debug)]
pub(crate) struct AzurePlace(pub(super) Arc<Service>);

/// A container, and how it is spoken to.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) background: Background,
    pub(super) calls: Calls,
    pub(super) identity: Identity,
    pub(super) endpoint: Url,
    pub(super) container: String,
    pub(super) key: String,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Blobs")]
    blobs: Blobs,
    #[serde(rename = "NextMarker", default)]
    next: String,
}

#[derive(Deserialize)]
struct Blobs {
    #[serde(rename = "Blob", default)]
    blobs: Vec<Blob>,
}

#[derive(Deserialize)]
struct Blob {
    #[serde(rename = "Name")]
    name: String,
}

impl Service {
    /// The URL of a blob, or of the container without a name, with more pairs in its query.
    pub(super) fn url(&self, name: Option<&str>, query: &[(&str, &str)]) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&self.container);
            if let Some(name) = name {
                path.extend(name.split('/'));
            }
        }
        let signed = self.identity.query();
        if !query.is_empty() || !signed.is_empty() {
            url.query_pairs_mut().extend_pairs(query).extend_pairs(signed);
        }
        url
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        prepare: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, RemoteError> {
        let token = self.identity.token().await?;
        let make = |client: &reqwest::Client| {
            let mut request = client.request(method.clone(), url.clone());
            request = request.header("x-ms-version", API);
            if let Some(token) = &token {
                request = request.bearer_auth(token);
            }
            prepare(request)
        };
        self.calls.send(make).await
    }

    async fn names(&self) -> Result<Vec<String>, RemoteError> {
        let mut names = Vec::new();
        let mut marker = String::new();
        loop {
            let prefix = format!("{}env:", self.key);
            let mut query = vec![("restype", "container"), ("comp", "list"), ("prefix", &*prefix)];
            if !marker.is_empty() {
                query.push(("marker", &marker));
            }
            let answer = self.send(Method::GET, self.url(None, &query), |request| request).await?;
            if !answer.status.is_success() {
                return Err(azure_error(&answer));
            }
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let page: Listed = azure_core::xml::from_xml(text.trim_start_matches('\u{feff}'))
                .map_err(|error| {
                    RemoteError::new(RemoteErrorKind::Other, format!("the list is odd: {error}"))
                })?;
            names.extend(page.blobs.blobs.into_iter().map(|blob| blob.name));
            if page.next.is_empty() {
                return Ok(names);
            }
            marker = page.next;
        }
    }

    fn name_of(&self, workspace: &str) -> String {
        match workspace {
            DEFAULT_WORKSPACE => self.key.clone(),
            name => format!("{}env:{name}", self.key),
        }
    }
}

/// An answer as an error; the service says why in XML or a header.
pub(super) fn azure_error(answer: &Answer) -> RemoteError {
    let code = answer.header("x-ms-error-code").unwrap_or_default();
    let plain = answer.error();
    let kind = match code {
        "ContainerNotFound" => RemoteErrorKind::Missing,
        "AuthenticationFailed" | "AuthorizationFailure" => RemoteErrorKind::Denied,
        _ => plain.kind.clone(),
    };
    match code {
        "" => plain,
        code => RemoteError::new(kind, format!("the answer was HTTP {} ({code})", answer.status)),
    }
}

impl Remotes for AzurePlace {
    fn place(&self) -> String {
        shown(&self.0, &self.0.key)
    }

    fn list(&self) -> Result<Vec<String>, RemoteError> {
        let service = Arc::clone(&self.0);
        let names = self.0.background.wait(async move { service.names().await })?;
        let prefix = format!("{}env:", self.0.key);
        Ok(names.iter().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned)).collect())
    }

    fn delete(&self, workspace: &str) -> Result<(), RemoteError> {
        let blob = AzureBlob { service: Arc::clone(&self.0), name: self.0.name_of(workspace) };
        self.0.background.wait(async move { blob.delete().await })
    }

    fn remote(&self, workspace: &str) -> Arc<dyn Remote> {
        let name = self.0.name_of(workspace);
        Arc::new(AzureBlob { service: Arc::clone(&self.0), name })
    }
}

pub(super) fn shown(service: &Service, name: &str) -> String {
    let endpoint = service.endpoint.as_str().trim_end_matches('/');
    format!("{endpoint}/{}/{name}", service.container)
}

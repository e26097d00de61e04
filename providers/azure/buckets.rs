//! Containers: made, read, changed and deleted through the SDK.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use azure_core::http::{ClientOptions, ExponentialRetryOptions, RequestContent, RetryOptions};
use azure_storage_blob::models::{
    BlobClientDeleteOptions, BlobContainerClientCreateOptions,
    BlobContainerClientGetPropertiesResultHeaders as _, BlobContainerClientListBlobsOptions,
    BlobContainerClientSetAccessPolicyOptions, PublicAccessType,
};
use azure_storage_blob::{BlobContainerClient, BlobServiceClient, BlobServiceClientOptions};
use futures::TryStreamExt as _;
use skyform_provider_sdk::{
    BucketInfo, BucketSettings, BucketSpec, Encryption, Problem, ProblemKind,
};
use skyform_value::Path;

use crate::auth::{Account, Proof};
use crate::metadata::{self, Meaning};
use crate::shared_key::SharedKeyPolicy;
use crate::{error, names};

/// How long one request may take, with all its tries.
const LIMIT_SECONDS: u64 = 120;

/// How often, and how far apart, a container is made whose namesake is still being deleted. Azure
/// takes 30 seconds or more for that.
const WHILE_DELETED: (u32, Duration) = (24, Duration::from_secs(5));

/// A blob that is written to find out something, and removed again.
const PROBE: &str = ".skyform-probe";

/// What Azure calls its own way to encrypt.
const OWN_SCOPE: &str = "$account-encryption-key";

/// The containers of one account.
pub(crate) struct Containers {
    account: Account,
    client: OnceLock<Arc<BlobServiceClient>>,
}

impl Containers {
    pub(crate) fn new(account: Account) -> Self {
        Self { account, client: OnceLock::new() }
    }

    /// The service's client, which is made with the first request.
    fn service(&self) -> Result<Arc<BlobServiceClient>, Problem> {
        if let Some(client) = self.client.get() {
            return Ok(Arc::clone(client));
        }
        let retry = ExponentialRetryOptions {
            max_total_elapsed: azure_core::time::Duration::seconds(45),
            ..ExponentialRetryOptions::default()
        };
        let mut options =
            ClientOptions { retry: RetryOptions::exponential(retry), ..ClientOptions::default() };
        let mut url = self.account.service.clone();
        let mut credential = None;
        match &self.account.proof {
            Proof::Key(key) => {
                options.per_try_policies.push(Arc::new(SharedKeyPolicy(key.clone())))
            }
            Proof::Sas(sas) => url.set_query(Some(sas)),
            Proof::Identity(identity) => credential = Some(Arc::new(identity.clone()) as Arc<_>),
        }
        let options = BlobServiceClientOptions {
            client_options: options,
            ..BlobServiceClientOptions::default()
        };
        let what = format!("the storage account {}", self.account.name);
        let client = BlobServiceClient::new(url, credential, Some(options))
            .map_err(|problem| error::problem(problem, &what))?;
        Ok(Arc::clone(self.client.get_or_init(|| Arc::new(client))))
    }

    fn container(&self, name: &str) -> Result<BlobContainerClient, Problem> {
        names::check(name)?;
        Ok(self.service()?.blob_container_client(name))
    }

    fn what(&self, name: &str) -> String {
        format!("the container {name} of the storage account {}", self.account.name)
    }

    /// Waits for an answer about a container.
    async fn ask<T>(
        &self,
        name: &str,
        request: impl Future<Output = azure_core::Result<T>> + Send,
    ) -> Result<T, Problem> {
        match tokio::time::timeout(Duration::from_secs(LIMIT_SECONDS), request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(problem)) => Err(error::problem(problem, &self.what(name))),
            Err(_) => Err(error::late(&self.what(name), LIMIT_SECONDS)),
        }
    }

    pub(crate) async fn create(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let container = self.container(&spec.name)?;
        let (mut tries, pause) = WHILE_DELETED;
        // What was not shown yet is not said yet: a run may be cut off in between.
        let mut unproven = spec.clone();
        unproven.settings.versioning = false;
        loop {
            let options = BlobContainerClientCreateOptions {
                access: spec.settings.public_access.then_some(PublicAccessType::Blob),
                default_encryption_scope: scope(spec),
                prevent_encryption_scope_override: scope(spec).map(|_| true),
                metadata: Some(metadata::of(&unproven)),
                ..BlobContainerClientCreateOptions::default()
            };
            let created = tokio::time::timeout(
                Duration::from_secs(LIMIT_SECONDS),
                container.create(Some(options)),
            );
            let failed = match created.await {
                Ok(Ok(_)) => break,
                Ok(Err(failed)) => failed,
                Err(_) => return Err(error::late(&self.what(&spec.name), LIMIT_SECONDS)),
            };
            match error::code(&failed).as_deref() {
                Some("ContainerAlreadyExists") => return self.made_before(spec).await,
                Some("ContainerBeingDeleted") if tries > 0 => tries -= 1,
                _ => return Err(error::problem(failed, &self.what(&spec.name))),
            }
            tokio::time::sleep(pause).await;
        }
        let kept = async {
            if spec.settings.versioning {
                self.check_versions(&spec.name).await?;
                self.ask(&spec.name, container.set_metadata(&metadata::of(spec), None)).await?;
            }
            Ok::<(), Problem>(())
        };
        if let Err(problem) = kept.await {
            // Nothing is left of a create that fails.
            return Err(problem.after_undo(self.delete(&spec.name, true).await.is_ok()));
        }
        self.existing(&spec.name).await.map(|(info, _)| info)
    }

    /// Whether the account keeps old versions, which nothing tells but the answer to a write: a blob is
    /// written and removed again, with its version.
    async fn check_versions(&self, name: &str) -> Result<(), Problem> {
        let blob = self.container(name)?.blob_client(PROBE);
        let content = RequestContent::from(Vec::new());
        let written = self.ask(name, blob.upload(content, None)).await?;
        let remove = |version: Option<String>| {
            let options = BlobClientDeleteOptions {
                version_id: version,
                ..BlobClientDeleteOptions::default()
            };
            self.ask(name, blob.delete(Some(options)))
        };
        remove(None).await?;
        match written.version_id {
            Some(version) if !version.is_empty() => remove(Some(version)).await.map(drop),
            _ => {
                let detail = format!(
                    "The storage account {} does not keep old versions of blobs.",
                    self.account.name
                );
                Err(Problem::error(ProblemKind::Unsupported, "Versioning is not there", detail)
                    .at(Path::attribute("versioning"))
                    .hint("Turn it on for the storage account: az storage account blob-service-properties update --enable-versioning true."))
            }
        }
    }

    /// The container of that name, if an earlier try of this intent made it.
    async fn made_before(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let (info, owner) = self.existing(&spec.name).await?;
        if info.token == spec.token {
            return Ok(info);
        }
        let belongs =
            if owner.is_empty() { String::new() } else { format!("; it belongs to {owner}") };
        let detail = format!(
            "The storage account {} has a container \"{}\" already{belongs}.",
            self.account.name, spec.name
        );
        Err(Problem::error(ProblemKind::AlreadyExists, "Bucket exists already", detail)
            .hint("Give this one another name, or import the one that is there."))
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        match self.existing(name).await {
            Ok((info, _)) => Ok(Some(info)),
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// The container, and whose it is.
    async fn existing(&self, name: &str) -> Result<(BucketInfo, String), Problem> {
        let container = self.container(name)?;
        let found = self.ask(name, container.get_properties(None)).await?;
        let unreadable = |problem| error::problem(problem, &self.what(name));
        let Meaning { token, owner, versioning, tags } =
            metadata::read(found.metadata().map_err(unreadable)?);
        let scope = found.default_encryption_scope().map_err(unreadable)?;
        let key = scope.filter(|scope| !scope.is_empty() && scope != OWN_SCOPE);
        let settings = BucketSettings {
            tags,
            versioning,
            public_access: found.access().map_err(unreadable)?.is_some(),
            encryption: key.map(|key| Encryption { key: Some(key) }),
            ..BucketSettings::default()
        };
        let url = names::url(&self.account.service, name, "");
        Ok((BucketInfo { name: name.to_owned(), url, token, settings }, owner))
    }

    pub(crate) async fn update(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let name = &spec.name;
        let container = self.container(name)?;
        let (before, _) = self.existing(name).await?;
        if before.settings.encryption != spec.settings.encryption {
            return Err(Problem::unsupported(
                "azure",
                "encryption that changes",
                "A container keeps the encryption scope that it was made with; make a new bucket.",
            )
            .at(Path::attribute("encryption")));
        }
        if spec.settings.versioning && !before.settings.versioning {
            self.check_versions(name).await?;
        }
        self.ask(name, container.set_metadata(&metadata::of(spec), None)).await?;
        if before.settings.public_access != spec.settings.public_access {
            self.set_access(name, &container, spec.settings.public_access).await?;
        }
        self.existing(name).await.map(|(info, _)| info)
    }

    /// Changes who may read without credentials; stored access policies stay.
    async fn set_access(
        &self,
        name: &str,
        container: &BlobContainerClient,
        public: bool,
    ) -> Result<(), Problem> {
        let change = async {
            let policies = container.get_access_policy(None).await?.into_model()?;
            let options = BlobContainerClientSetAccessPolicyOptions {
                access: public.then_some(PublicAccessType::Blob),
                ..BlobContainerClientSetAccessPolicyOptions::default()
            };
            let policies: RequestContent<_, _> = policies.try_into()?;
            container.set_access_policy(policies, Some(options)).await
        };
        self.ask(name, change).await.map(drop)
    }

    pub(crate) async fn delete(&self, name: &str, force: bool) -> Result<(), Problem> {
        let container = self.container(name)?;
        let deleted = async {
            if !force && self.has_blobs(name, &container).await? {
                let detail = format!("{} still holds blobs.", self.what(name));
                return Err(Problem::error(ProblemKind::Invalid, "Bucket is not empty", detail)
                    .hint(
                        "Delete its objects first, or set force_destroy = true and apply that.",
                    ));
            }
            self.ask(name, container.delete(None)).await.map(drop)
        };
        match deleted.await {
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Azure deletes containers with what is in them, so whether something is must be asked.
    async fn has_blobs(
        &self,
        name: &str,
        container: &BlobContainerClient,
    ) -> Result<bool, Problem> {
        let first = async {
            let options = BlobContainerClientListBlobsOptions {
                maxresults: Some(1),
                ..BlobContainerClientListBlobsOptions::default()
            };
            container.list_blobs(Some(options))?.try_next().await
        };
        Ok(self.ask(name, first).await?.is_some())
    }
}

/// The encryption scope that a bucket asks for.
fn scope(spec: &BucketSpec) -> Option<String> {
    spec.settings.encryption.as_ref().and_then(|encryption| encryption.key.clone())
}

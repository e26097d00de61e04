//! A client for the bucket, from the arguments and the usual places of credentials.

use std::sync::Arc;
use std::time::Duration;

use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::retry::{RetryConfig, RetryMode};
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    Builder, Credentials, RequestChecksumCalculation, SharedCredentialsProvider,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use skyform_state::RemoteError;

use super::place::{CustomerKey, S3Place};
use super::profiles::with_files;
use crate::background::Background;
use crate::connect::ConnectError;
use crate::settings::Settings;

/// How long one try of a request may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// The bucket. Credentials are looked for, but not tried.
pub(crate) fn connect(settings: &Settings) -> Result<S3Place, ConnectError> {
    let background = Arc::new(Background::start()?);
    let given = settings.clone();
    let config = background.wait(async move { Ok::<_, RemoteError>(load(&given).await) })??;
    let mut builder = Builder::from(&config);
    builder = builder.force_path_style(
        settings.is_true("use_path_style") || settings.is_true("force_path_style"),
    );
    if settings.is_true("skip_s3_checksum") {
        builder = builder.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    }
    let endpoint = settings.object("endpoints").text("s3").or_else(|| settings.text("endpoint"));
    if let Some(url) = endpoint {
        builder = builder.endpoint_url(url);
    }
    let key = settings.text_or("key", "");
    if key.starts_with('/') || key.ends_with('/') {
        return Err(ConnectError::invalid("key", "\"key\" must not start or end with \"/\""));
    }
    Ok(S3Place {
        client: Client::from_conf(builder.build()),
        background,
        bucket: settings.text_or("bucket", ""),
        key,
        prefix: settings.text_or("workspace_key_prefix", "env:"),
        locks: settings.is_true("use_lockfile"),
        acl: settings.text("acl"),
        encrypts: settings.is_true("encrypt"),
        kms_key: settings.text("kms_key_id"),
        customer_key: settings
            .text("sse_customer_key")
            .map(|key| customer_key(&key))
            .transpose()?,
    })
}

fn customer_key(text: &str) -> Result<CustomerKey, ConnectError> {
    let wrong = || {
        ConnectError::invalid("sse_customer_key", "\"sse_customer_key\" must be 32 bytes in base64")
    };
    let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
    if bytes.len() != 32 {
        return Err(wrong());
    }
    Ok(CustomerKey { key: text.to_owned(), md5: STANDARD.encode(Md5::digest(&bytes)) })
}

async fn load(settings: &Settings) -> Result<SdkConfig, ConnectError> {
    let region = settings.text_or("region", "us-east-1");
    let retries = settings.number("max_retries").unwrap_or(5);
    let mode = match settings.text("retry_mode").as_deref() {
        None | Some("standard") => RetryMode::Standard,
        Some("adaptive") => RetryMode::Adaptive,
        Some(other) => {
            let message = format!("\"retry_mode\" is standard or adaptive, not \"{other}\"");
            return Err(ConnectError::invalid("retry_mode", message));
        }
    };
    let tries = u32::try_from(retries).unwrap_or(u32::MAX).saturating_add(1);
    let retry = RetryConfig::standard().with_retry_mode(mode).with_max_attempts(tries);
    let deadlines = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(10))
        .operation_attempt_timeout(DEADLINE)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .retry_config(retry)
        .timeout_config(deadlines);
    loader = with_files(loader, settings);
    if let Some(profile) = settings.text("profile") {
        loader = loader.profile_name(profile);
    }
    if settings.is_true("use_fips_endpoint") {
        loader = loader.use_fips(true);
    }
    if settings.is_true("use_dualstack_endpoint") {
        loader = loader.use_dual_stack(true);
    }
    if let (Some(id), Some(secret)) = (settings.text("access_key"), settings.text("secret_key")) {
        let token = settings.text("token");
        let fixed = Credentials::new(id, secret, token, None, "backend configuration");
        loader = loader.credentials_provider(CredentialsProviderChain::first_try("given", fixed));
    }
    let config = loader.load().await;
    assume_role(settings, config).await
}

/// The same with the credentials of a role, if one is to be assumed.
async fn assume_role(settings: &Settings, config: SdkConfig) -> Result<SdkConfig, ConnectError> {
    let role = settings.object("assume_role");
    let Some(arn) = role.text("role_arn") else { return Ok(config) };
    let mut sts = config.clone().into_builder();
    if let Some(url) = settings.object("endpoints").text("sts") {
        sts = sts.endpoint_url(url);
    }
    if let Some(region) = settings.text("sts_region") {
        sts = sts.region(Region::new(region));
    }
    let mut provider = AssumeRoleProvider::builder(arn)
        .configure(&sts.build())
        .session_name(role.text_or("session_name", "skyform"));
    if let Some(id) = role.text("external_id") {
        provider = provider.external_id(id);
    }
    if let Some(policy) = role.text("policy") {
        provider = provider.policy(policy);
    }
    let arns = role.texts("policy_arns");
    if !arns.is_empty() {
        provider = provider.policy_arns(arns);
    }
    if let Some(text) = role.text("duration") {
        let duration = text.parse::<jiff::SignedDuration>().ok();
        let duration = duration.and_then(|duration| Duration::try_from(duration).ok());
        let duration = duration.ok_or_else(|| {
            ConnectError::invalid("assume_role", "\"duration\" is a duration such as \"1h\"")
        })?;
        provider = provider.session_length(duration);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    Ok(config.into_builder().credentials_provider(provider).build())
}

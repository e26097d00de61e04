//! The arguments of the `s3` backend.

use crate::argument::{Argument, Kind};

const ENDPOINTS: &[Argument] = &[
    Argument::text("s3").or(&["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT"]),
    Argument::text("sts").or(&["AWS_ENDPOINT_URL_STS", "AWS_STS_ENDPOINT"]),
    Argument::text("iam"),
    Argument::text("sso"),
    Argument::text("dynamodb").refused(LOCK_TABLE),
];

const ASSUME_ROLE: &[Argument] = &[
    Argument::text("role_arn"),
    Argument::text("session_name"),
    Argument::text("external_id"),
    Argument::text("duration"),
    Argument::text("policy"),
    Argument::new("policy_arns", Kind::Texts),
    Argument::text("source_identity").refused("sessions have no source identity here"),
    Argument::text("tags").refused("sessions have no tags here"),
    Argument::text("transitive_tag_keys").refused("sessions have no tags here"),
];

const LOCK_TABLE: &str = "locks are objects beside the state; give use_lockfile = true";
const BY_ENVIRONMENT: &str = "give it in the environment, where the AWS SDK looks for it";
const WEB_IDENTITY: &str =
    "give AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, where the AWS SDK looks for them";

/// All of them.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::text("bucket").required(),
    Argument::text("key").required(),
    Argument::text("region").required().or(&["AWS_REGION", "AWS_DEFAULT_REGION"]),
    Argument::text("workspace_key_prefix"),
    Argument::bool("use_lockfile"),
    Argument::bool("encrypt"),
    Argument::text("acl"),
    Argument::text("kms_key_id"),
    Argument::text("sse_customer_key").or(&["AWS_SSE_CUSTOMER_KEY"]),
    Argument::text("access_key"),
    Argument::text("secret_key"),
    Argument::text("token"),
    Argument::text("profile"),
    Argument::new("shared_config_files", Kind::Texts),
    Argument::new("shared_credentials_files", Kind::Texts),
    Argument::text("shared_credentials_file").refused("write shared_credentials_files = [...]"),
    Argument::new("assume_role", Kind::Object(ASSUME_ROLE)),
    Argument::new("assume_role_with_web_identity", Kind::Object(&[])).refused(WEB_IDENTITY),
    Argument::text("role_arn").refused("write assume_role = { role_arn = ... }"),
    Argument::text("session_name").refused("write assume_role = { session_name = ... }"),
    Argument::text("external_id").refused("write assume_role = { external_id = ... }"),
    Argument::new("endpoints", Kind::Object(ENDPOINTS)),
    Argument::text("endpoint"),
    Argument::text("sts_endpoint").refused("write endpoints = { sts = ... }"),
    Argument::text("iam_endpoint").refused("write endpoints = { iam = ... }"),
    Argument::text("sts_region"),
    Argument::bool("use_path_style"),
    Argument::bool("force_path_style"),
    Argument::bool("use_fips_endpoint"),
    Argument::bool("use_dualstack_endpoint"),
    Argument::number("max_retries"),
    Argument::text("retry_mode"),
    Argument::bool("skip_s3_checksum"),
    Argument::bool("skip_credentials_validation"),
    Argument::bool("skip_region_validation"),
    Argument::bool("skip_requesting_account_id"),
    Argument::bool("skip_metadata_api_check"),
    Argument::new("allowed_account_ids", Kind::Texts).refused("the account is not asked for"),
    Argument::new("forbidden_account_ids", Kind::Texts).refused("the account is not asked for"),
    Argument::text("ec2_metadata_service_endpoint").refused(BY_ENVIRONMENT),
    Argument::text("ec2_metadata_service_endpoint_mode").refused(BY_ENVIRONMENT),
    Argument::text("custom_ca_bundle").refused(BY_ENVIRONMENT),
    Argument::text("http_proxy").refused(BY_ENVIRONMENT),
    Argument::text("https_proxy").refused(BY_ENVIRONMENT),
    Argument::text("no_proxy").refused(BY_ENVIRONMENT),
    Argument::bool("insecure").refused("certificates are always checked"),
    Argument::text("dynamodb_table").refused(LOCK_TABLE),
    Argument::text("dynamodb_endpoint").refused(LOCK_TABLE),
];

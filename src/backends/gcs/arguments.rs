//! The arguments of the `gcs` backend.

use crate::argument::{Argument, Kind};

/// All of them.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::text("bucket").required(),
    Argument::text("prefix"),
    Argument::text("credentials").or(&["GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_CREDENTIALS"]),
    Argument::text("access_token").or(&["GOOGLE_OAUTH_ACCESS_TOKEN"]),
    Argument::text("impersonate_service_account")
        .or(&["GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"]),
    Argument::new("impersonate_service_account_delegates", Kind::Texts),
    Argument::text("encryption_key").or(&["GOOGLE_ENCRYPTION_KEY"]),
    Argument::text("kms_encryption_key").or(&["GOOGLE_KMS_ENCRYPTION_KEY"]),
    Argument::text("storage_custom_endpoint")
        .or(&["GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT", "GOOGLE_STORAGE_CUSTOM_ENDPOINT"]),
];

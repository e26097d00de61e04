//! The arguments of the `azurerm` backend.

use crate::argument::Argument;

const OIDC: &str =
    "give AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE in the environment";

/// All of them.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::text("storage_account_name").required(),
    Argument::text("container_name").required(),
    Argument::text("key").required(),
    Argument::text("access_key").or(&["ARM_ACCESS_KEY"]),
    Argument::text("sas_token").or(&["ARM_SAS_TOKEN"]),
    Argument::text("endpoint").or(&["AZURE_STORAGE_BLOB_ENDPOINT"]),
    Argument::text("environment").or(&["ARM_ENVIRONMENT"]),
    Argument::bool("use_azuread_auth").or(&["ARM_USE_AZUREAD"]),
    Argument::bool("use_cli").or(&["ARM_USE_CLI"]),
    Argument::bool("use_msi").or(&["ARM_USE_MSI"]),
    Argument::bool("use_oidc").or(&["ARM_USE_OIDC"]),
    Argument::text("tenant_id").or(&["ARM_TENANT_ID", "AZURE_TENANT_ID"]),
    Argument::text("client_id").or(&["ARM_CLIENT_ID", "AZURE_CLIENT_ID"]),
    Argument::text("client_secret").or(&["ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"]),
    Argument::text("subscription_id"),
    Argument::text("resource_group_name"),
    Argument::bool("lookup_blob_endpoint").refused("give endpoint instead"),
    Argument::bool("snapshot").refused("turn on versions of blobs in the storage account"),
    Argument::text("metadata_host").refused("give endpoint instead"),
    Argument::text("msi_endpoint").refused("the SDK finds it"),
    Argument::text("client_certificate_path").refused("give client_secret"),
    Argument::text("client_certificate_password").refused("give client_secret"),
    Argument::text("oidc_token").refused(OIDC),
    Argument::text("oidc_token_file_path").refused(OIDC),
    Argument::text("oidc_request_url").refused(OIDC),
    Argument::text("oidc_request_token").refused(OIDC),
    Argument::text("ado_pipeline_service_connection_id").refused(OIDC),
];

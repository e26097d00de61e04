//! The arguments of the `http` backend.

use crate::argument::Argument;

/// All of them.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::text("address").required().or(&["TF_HTTP_ADDRESS"]),
    Argument::text("update_method").or(&["TF_HTTP_UPDATE_METHOD"]),
    Argument::text("lock_address").or(&["TF_HTTP_LOCK_ADDRESS"]),
    Argument::text("lock_method").or(&["TF_HTTP_LOCK_METHOD"]),
    Argument::text("unlock_address").or(&["TF_HTTP_UNLOCK_ADDRESS"]),
    Argument::text("unlock_method").or(&["TF_HTTP_UNLOCK_METHOD"]),
    Argument::text("username").or(&["TF_HTTP_USERNAME"]),
    Argument::text("password").or(&["TF_HTTP_PASSWORD"]),
    Argument::bool("skip_cert_verification"),
    Argument::number("retry_max").or(&["TF_HTTP_RETRY_MAX"]),
    Argument::number("retry_wait_min").or(&["TF_HTTP_RETRY_WAIT_MIN"]),
    Argument::number("retry_wait_max").or(&["TF_HTTP_RETRY_WAIT_MAX"]),
    Argument::text("client_ca_certificate_pem").or(&["TF_HTTP_CLIENT_CA_CERTIFICATE_PEM"]),
    Argument::text("client_certificate_pem").or(&["TF_HTTP_CLIENT_CERTIFICATE_PEM"]),
    Argument::text("client_private_key_pem").or(&["TF_HTTP_CLIENT_PRIVATE_KEY_PEM"]),
];

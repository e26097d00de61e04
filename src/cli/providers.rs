//! The providers that this program has built in.

use std::sync::Arc;

use skyform_engine::{PORTABLE, Providers, TERRAFORM};
use skyform_provider_builtin::BuiltinProvider;
use skyform_provider_portable::PortableProvider;

/// All providers.
pub(crate) fn all() -> Providers {
    let builtin = BuiltinProvider::new(|| uuid::Uuid::new_v4().into_bytes());
    Providers::default()
        .with(TERRAFORM, Arc::new(builtin))
        .with(PORTABLE, Arc::new(PortableProvider::default()))
}

//! The providers and drivers that this program has built in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use skyform_engine::{Deadlines, PORTABLE, Providers, TERRAFORM};
#[cfg(feature = "aws")]
use skyform_provider_aws::AwsDriver;
use skyform_provider_builtin::BuiltinProvider;
use skyform_provider_local::LocalDriver;
use skyform_provider_portable::PortableProvider;
#[cfg(feature = "s3")]
use skyform_provider_s3::{S3Driver, Store};
use skyform_provider_sdk::Driver;

use super::backend::OtherStates;
use super::context::Context;

/// All providers, with what is local kept in the data folder.
pub(crate) fn all(context: &Context, deadlines: Deadlines) -> Providers {
    let states =
        OtherStates { environment: context.environment.clone(), here: context.plain_here() };
    let builtin = BuiltinProvider::new(|| uuid::Uuid::new_v4().into_bytes());
    let builtin = builtin.with_states(Arc::new(states));
    let drivers = drivers(context.data_dir());
    let portable = PortableProvider::new(drivers).with_environment(Arc::new(variable));
    Providers::within(deadlines)
        .with(TERRAFORM, Arc::new(builtin))
        .with(PORTABLE, Arc::new(portable))
}

/// All drivers of clouds by name, with what is local kept under `data_dir`.
pub(crate) fn drivers(data_dir: &Path) -> BTreeMap<String, Arc<dyn Driver>> {
    let local = LocalDriver::new(data_dir);
    // Endpoints of the local cloud are this very program, serving.
    let local: Arc<dyn Driver> = Arc::new(match std::env::current_exe() {
        Ok(program) => local.with_server(program),
        Err(_) => local,
    });
    let mut drivers = BTreeMap::from([("local".to_owned(), local)]);
    add_clouds(&mut drivers);
    drivers
}

/// The drivers of clouds that this program was built with.
fn add_clouds(drivers: &mut BTreeMap<String, Arc<dyn Driver>>) {
    #[cfg(feature = "s3")]
    for store in [Store::S3, Store::ALIBABA, Store::TENCENT, Store::HUAWEI] {
        drivers.insert(store.driver.to_owned(), Arc::new(S3Driver::new(store, Arc::new(variable))));
    }
    #[cfg(feature = "aws")]
    drivers.insert("aws".to_owned(), Arc::new(AwsDriver::new(Arc::new(variable))));
    #[cfg(feature = "azure")]
    {
        let driver = skyform_provider_azure::AzureDriver::new(Arc::new(variable));
        drivers.insert("azure".to_owned(), Arc::new(driver));
    }
    #[cfg(feature = "gcp")]
    {
        let driver = skyform_provider_gcp::GcpDriver::new(Arc::new(variable));
        drivers.insert("gcp".to_owned(), Arc::new(driver));
    }
    #[cfg(not(any(feature = "aws", feature = "azure", feature = "gcp", feature = "s3")))]
    let _ = drivers;
}

/// A variable of the environment.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

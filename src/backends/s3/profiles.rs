//! Other files of profiles than those in the user's folder.
#![expect(deprecated, reason = "the names under which aws-config itself gives them")]

use aws_config::ConfigLoader;
use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};

use crate::settings::Settings;

/// Reads profiles and credentials from the files that are given, if any are.
pub(super) fn with_files(loader: ConfigLoader, settings: &Settings) -> ConfigLoader {
    let configs = settings.texts("shared_config_files");
    let credentials = settings.texts("shared_credentials_files");
    if configs.is_empty() && credentials.is_empty() {
        return loader;
    }
    let mut files = ProfileFiles::builder();
    files = files
        .include_default_config_file(configs.is_empty())
        .include_default_credentials_file(credentials.is_empty());
    for file in configs {
        files = files.with_file(ProfileFileKind::Config, file);
    }
    for file in credentials {
        files = files.with_file(ProfileFileKind::Credentials, file);
    }
    loader.profile_files(files.build())
}

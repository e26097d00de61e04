//! `version`

use skyform_render::json::TERRAFORM_VERSION;

use crate::cli::EXIT_OK;
use crate::cli::arguments::VersionArgs;
use crate::cli::context::Context;

pub(crate) fn run(context: &Context, args: &VersionArgs) -> u8 {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        let platform = format!("{}_{}", std::env::consts::OS, architecture());
        let json = serde_json::json!({
            "terraform_version": TERRAFORM_VERSION,
            "platform": platform,
            "provider_selections": {},
            "terraform_outdated": false,
            "skyform_version": version,
        });
        context.print(&format!("{json:#}\n"));
    } else {
        context.print(&format!("Skyform v{version}\nTerraform language 1.11\n"));
    }
    EXIT_OK
}

/// The processor by the name that other tools of this kind call it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

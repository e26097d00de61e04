//! `version`

use crate::cli::EXIT_OK;
use crate::cli::arguments::VersionArgs;
use crate::cli::context::Context;

pub(crate) fn run(context: &Context, args: &VersionArgs) -> u8 {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        let json = serde_json::json!({"skyform_version": version, "terraform_language": "1.11"});
        context.print(&format!("{json:#}\n"));
    } else {
        context.print(&format!("Skyform v{version}\nTerraform language 1.11\n"));
    }
    EXIT_OK
}

//! What is to be served: arguments, and variables of the environment for those that are not given, since
//! a container is started with variables only.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use skyform_diag::{Diagnostic, Location};

use super::failed;
use crate::cli::arguments::ServeArgs;
use crate::cli::context::Context;

/// The arguments, completed.
pub(super) struct Wanted<'a> {
    pub(super) args: &'a ServeArgs,
    pub(super) model: PathBuf,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) listen: String,
}

impl<'a> Wanted<'a> {
    /// Completes the arguments, and looks whether the file is the one that is meant.
    pub(super) fn new(context: &Context, args: &'a ServeArgs) -> Result<Self, Diagnostic> {
        let variable = |name: &str| {
            context.variable(name).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let model = args.model.clone().or_else(|| variable("SKYFORM_MODEL").map(PathBuf::from));
        let name = args.name.clone().or_else(|| variable("SKYFORM_MODEL_NAME"));
        let version = args.model_version.clone().or_else(|| variable("SKYFORM_MODEL_VERSION"));
        let listen = args.listen.clone().or_else(|| variable("SKYFORM_LISTEN"));
        let wanted = Self {
            args,
            model: model.ok_or_else(|| missing("-model=FILE", "SKYFORM_MODEL"))?,
            name: name.ok_or_else(|| missing("-name=NAME", "SKYFORM_MODEL_NAME"))?,
            version: version.unwrap_or_else(|| "1".to_owned()),
            listen: listen.unwrap_or_else(|| "127.0.0.1:0".to_owned()),
        };
        match args.model_sha256.clone().or_else(|| variable("SKYFORM_MODEL_SHA256")) {
            Some(digest) => check(&wanted.model, &digest).map(|()| wanted),
            None => Ok(wanted),
        }
    }
}

fn missing(argument: &str, variable: &str) -> Diagnostic {
    let detail = format!("The argument {argument} is missing, and {variable} is not set.");
    Diagnostic::error(Location::input("serve"), "Missing argument", detail)
        .hint("For example: skyform serve -model=fraud.onnx -name=fraud")
}

/// Whether a file has a digest.
fn check(path: &Path, expected: &str) -> Result<(), Diagnostic> {
    let place = path.display().to_string();
    let unreadable = |error| failed(&place, "Model not readable", error);
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut digest, mut part) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part).map_err(unreadable)? {
            0 => break,
            length => digest.update(&part[..length]),
        }
    }
    let found: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    let detail = format!("Its SHA-256 is {found}, where {expected} is expected.");
    Err(Diagnostic::error(Location::input(&place), "Not the model that is meant", detail)
        .hint("Fetch it anew."))
}

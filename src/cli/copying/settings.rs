//! The arguments of `copy`.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use clap::Args;
use skyform_data::copy::CopyOptions;
use skyform_data::digest;

use crate::cli::context::Context;

#[derive(Args, Clone, Debug)]
#[command(after_help = PLACES)]
pub(crate) struct CopyArgs {
    /// What is copied: a folder, a file, an object, or all objects below a key
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// Where to: a folder, a file's path or an object's key
    #[arg(value_name = "DESTINATION")]
    pub destination: String,
    /// Delete what the source does not have, once everything is copied
    #[arg(long)]
    pub mirror: bool,
    /// Most objects at a time
    #[arg(long, value_name = "N", default_value = "64")]
    pub parallelism: NonZeroUsize,
    /// Most bytes a second, such as 100M
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub limit_rate: Option<NonZeroU64>,
    /// Only show what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Print what was done as JSON
    #[arg(long)]
    pub json: bool,
    /// Write a list of all objects with their sizes and SHA-256 to a file
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The server of the source, where it is not the cloud's own
    #[arg(long, value_name = "URL")]
    pub source_endpoint: Option<String>,
    /// The server of the destination, where it is not the cloud's own
    #[arg(long, value_name = "URL")]
    pub destination_endpoint: Option<String>,
    /// Do not use colours
    #[arg(long)]
    pub no_color: bool,
}

const PLACES: &str = "\
Places:
  PATH                                              a folder or file of this machine
  bucket.NAME, bucket.NAME/KEY                      a bucket of the stack in this folder
  s3://BUCKET/KEY                                   Amazon S3, or what speaks its protocol
  gs://BUCKET/KEY                                   Google Cloud Storage
  https://ACCOUNT.blob.core.windows.net/CONTAINER/KEY
  azblob://CONTAINER/KEY                            Azure Blob Storage
  oss://BUCKET/KEY  cos://BUCKET/KEY  obs://BUCKET/KEY
                                                    Alibaba, Tencent and Huawei Cloud

A source that ends with a slash, or at which there is no object, means everything below it.
A copy that was cut off goes on where it was when the same command is run again.";

/// How the copy is to be done.
pub(crate) fn copy_options(args: &CopyArgs) -> CopyOptions {
    CopyOptions {
        mirror: args.mirror,
        parallelism: args.parallelism,
        limit_rate: args.limit_rate,
        digests: args.manifest.is_some(),
    }
}

/// Where the record of a copy between two places is kept: beside its manifest, or else with what
/// programs remember for the user.
pub(crate) fn record_path(
    context: &Context,
    args: &CopyArgs,
    source: &str,
    destination: &str,
) -> Option<PathBuf> {
    if let Some(manifest) = &args.manifest {
        let mut name = manifest.file_name()?.to_owned();
        name.push(".record");
        return Some(manifest.with_file_name(name));
    }
    let named = |name: &str| context.variable(name).filter(|text| !text.is_empty());
    let state = match named("XDG_STATE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(named("HOME")?).join(".local/state"),
    };
    let name = digest::of(format!("{source}\n{destination}").as_bytes());
    Some(state.join("skyform/copies").join(format!("{}.record", name.get(..24)?)))
}

/// `100M`, `1.5G`, `800k`, `65536`: bytes a second, by 1024.
fn parse_rate(text: &str) -> Result<NonZeroU64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err("the units are k, M and G".to_owned()),
    };
    let number: f64 =
        digits.parse().map_err(|_| "a rate is a number with a unit: 100M".to_owned())?;
    let rate = number * unit;
    let whole = (rate.is_finite() && rate >= 1.0).then(|| NonZeroU64::new(rate as u64)).flatten();
    whole.ok_or_else(|| "a rate is at least one byte a second".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, expected) in [
            ("100M", Some(100 << 20)),
            ("1.5G", Some(3 << 29)),
            ("800k", Some(800 << 10)),
            ("65536", Some(65536)),
            ("5MiB", Some(5 << 20)),
            ("0", None),
            ("0.2", None),
            ("-1", None),
            ("fast", None),
            ("1X", None),
            ("", None),
            ("inf", None),
        ] {
            assert_eq!(parse_rate(text).ok().map(NonZeroU64::get), expected, "{text}");
        }
    }
}

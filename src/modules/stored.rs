//! Modules in object stores: an archive, or all objects below a folder.
//!
//! Source: the language's documentation of module sources in S3 and GCS.

use std::fmt;
use std::path::Path;

use crate::{ModuleError, archive};

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Amazon S3, and what speaks its protocol.
    S3,
    /// Google Cloud Storage.
    Gcs,
}

/// An object or a folder of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What kind of store has it.
    pub store: Store,
    /// The server, where it is not the cloud's own.
    pub endpoint: Option<String>,
    /// The region, where the address names one.
    pub region: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The object's key, or what keys begin with.
    pub key: String,
}

/// Opens buckets. Credentials, and how to speak with a store, are the program's.
pub trait Objects {
    /// The bucket that a module lies in.
    ///
    /// # Errors
    /// Why it cannot be reached.
    fn open(&self, at: &Stored) -> Result<Box<dyn Bucket>, String>;
}

/// An open bucket.
pub trait Bucket {
    /// All keys that begin with a prefix.
    ///
    /// # Errors
    /// Why they cannot be listed.
    fn list(&self, prefix: &str) -> Result<Vec<String>, String>;

    /// An object.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, key: &str) -> Result<Vec<u8>, String>;
}

impl Stored {
    /// Reads the URL of an object, without `s3::` or `gcs::`.
    pub(crate) fn parse(store: Store, url: &str) -> Result<Self, ModuleError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let parts = address.split_once("://").and_then(|(scheme, rest)| {
            let (host, path) = rest.split_once('/')?;
            Some((scheme, host, path.trim_matches('/')))
        });
        let found = parts.and_then(|(scheme, host, path)| match store {
            Store::S3 => s3(scheme, host, path),
            Store::Gcs => gcs(scheme, host, path),
        });
        let Some(mut found) = found.filter(|at| !at.bucket.is_empty() && !at.key.is_empty()) else {
            let shape = match store {
                Store::S3 => "s3::https://s3-REGION.amazonaws.com/BUCKET/KEY",
                Store::Gcs => "gcs::https://www.googleapis.com/storage/v1/BUCKET/KEY",
            };
            return Err(ModuleError::Source(format!(
                "\"{url}\" is no object: it has the form {shape}"
            )));
        };
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("region", region)) => found.region = Some(region.to_owned()),
                Some((name, _)) if name.starts_with("aws_") => {
                    return Err(ModuleError::Source(
                        "credentials do not belong into a module's source: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile".to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

fn s3(scheme: &str, host: &str, path: &str) -> Option<Stored> {
    let in_path = || path.split_once('/').map(|(bucket, key)| (bucket.to_owned(), key.to_owned()));
    let found = |endpoint, region: Option<&str>, (bucket, key)| {
        let region = region.filter(|region| !region.is_empty()).map(str::to_owned);
        Some(Stored { store: Store::S3, endpoint, region, bucket, key })
    };
    let own = host.strip_suffix(".amazonaws.com");
    let Some(own) = own else {
        return found(Some(format!("{scheme}://{host}")), None, in_path()?);
    };
    // s3, s3-REGION, s3.REGION, each with or without BUCKET. before it.
    let (bucket, service) = match own.rfind(".s3").filter(|at| *at > 0) {
        Some(at) => (Some(&own[..at]), &own[at + 1..]),
        None => (None, own),
    };
    let region = service.strip_prefix("s3")?.trim_start_matches(['-', '.']);
    match bucket {
        Some(bucket) => found(None, Some(region), (bucket.to_owned(), path.to_owned())),
        None => found(None, Some(region), in_path()?),
    }
}

fn gcs(scheme: &str, host: &str, path: &str) -> Option<Stored> {
    let (bucket, key) = path.strip_prefix("storage/v1/")?.split_once('/')?;
    let own = host == "www.googleapis.com" || host == "storage.googleapis.com";
    Some(Stored {
        store: Store::Gcs,
        endpoint: (!own).then(|| format!("{scheme}://{host}")),
        region: None,
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, endpoint, bucket, key, .. } = self;
        match store {
            Store::S3 => write!(f, "s3://{bucket}/{key}")?,
            Store::Gcs => write!(f, "gs://{bucket}/{key}")?,
        }
        match endpoint {
            Some(endpoint) => write!(f, " at {endpoint}"),
            None => Ok(()),
        }
    }
}

/// Puts the archive, or the objects below the folder, into a folder of this machine.
pub(crate) fn fetch(objects: &dyn Objects, at: &Stored, into: &Path) -> Result<(), ModuleError> {
    let failed = |reason: String| ModuleError::Http { url: at.to_string(), reason };
    let bucket = objects.open(at).map_err(failed)?;
    if archive::is_named_so(&at.key) {
        return archive::unpack(&bucket.read(&at.key).map_err(failed)?, into);
    }
    let below = format!("{}/", at.key);
    let keys = bucket.list(&below).map_err(failed)?;
    let mut writer = archive::Writer::new(into);
    let mut found = false;
    for key in keys.iter().filter(|key| !key.ends_with('/')) {
        let Some(name) = key.strip_prefix(&below) else { continue };
        let content = bucket.read(key).map_err(failed)?;
        writer.write(Path::new(name), &mut content.as_slice())?;
        found = true;
    }
    if found { Ok(()) } else { Err(failed("there is no object below it".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(store: Store, url: &str) -> String {
        match Stored::parse(store, url) {
            Ok(at) => {
                let region = at.region.clone().unwrap_or_else(|| "-".to_owned());
                format!("{at} in {region}")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn addresses_of_objects() {
        for (url, expected) in [
            ("https://s3.amazonaws.com/b/k/m.zip", "s3://b/k/m.zip in -"),
            ("https://s3-eu-west-1.amazonaws.com/b/m.zip", "s3://b/m.zip in eu-west-1"),
            ("https://s3.eu-west-1.amazonaws.com/b/m.zip", "s3://b/m.zip in eu-west-1"),
            ("https://b.s3.amazonaws.com/m.zip", "s3://b/m.zip in -"),
            ("https://b.c.s3-eu-west-1.amazonaws.com/k/m", "s3://b.c/k/m in eu-west-1"),
            ("https://b.s3.eu-west-1.amazonaws.com/m.zip", "s3://b/m.zip in eu-west-1"),
            ("http://127.0.0.1:9000/b/k/m?region=x", "s3://b/k/m at http://127.0.0.1:9000 in x"),
        ] {
            assert_eq!(shown(Store::S3, url), expected, "{url}");
        }
        for (url, expected) in [
            ("https://www.googleapis.com/storage/v1/b/k/m.zip", "gs://b/k/m.zip in -"),
            ("http://127.0.0.1:1/storage/v1/b/m", "gs://b/m at http://127.0.0.1:1 in -"),
        ] {
            assert_eq!(shown(Store::Gcs, url), expected, "{url}");
        }
        for url in
            ["https://s3.amazonaws.com/b", "https://ec2.amazonaws.com/b/k", "b/k", "https://"]
        {
            assert!(shown(Store::S3, url).contains("s3::https://s3-REGION"), "{url}");
        }
        assert!(shown(Store::Gcs, "https://www.googleapis.com/b/k").contains("gcs::https://"));
        let secret = "http://127.0.0.1:9000/b/k?aws_access_key_id=x";
        assert!(shown(Store::S3, secret).contains("credentials do not belong"));
    }
}

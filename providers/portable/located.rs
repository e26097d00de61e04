//! Which cloud a URL leads into.
//!
//! A URL such as `s3://data/a` says the bucket, but not in which of several clouds it is that have such
//! URLs. It is the one that was kept with the object; else that of the bucket's own block, where this
//! run has met that; else the clouds are asked, and one of them must have the bucket.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use skyform_provider_sdk::{Cloud, CloudSettings, ObjectPlace, Problem, ProblemKind};

use crate::clouds::{self, Clouds};

/// A bucket or object, and the cloud that it is in.
pub(crate) struct Located {
    pub(crate) settings: CloudSettings,
    pub(crate) cloud: Arc<dyn Cloud>,
    pub(crate) place: ObjectPlace,
}

/// Names of clouds by URLs of buckets that are in them.
pub(crate) type Met = BTreeMap<String, String>;

impl Clouds {
    /// Takes note of where a bucket is.
    pub(crate) fn meet(&self, bucket_url: &str, cloud: &str) {
        if !bucket_url.is_empty() {
            let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
            met.insert(bucket_url.to_owned(), cloud.to_owned());
        }
    }

    fn met(&self, bucket_url: &str) -> Option<String> {
        let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
        met.get(bucket_url).cloned()
    }

    /// The cloud that a bucket's or object's URL leads into.
    pub(crate) async fn locate(&self, url: &str) -> Result<Located, Problem> {
        self.locate_or_kept(url, &[]).await
    }

    /// The same, also where the cloud is known only from what was kept with an object.
    pub(crate) async fn locate_or_kept(
        &self,
        url: &str,
        private: &[u8],
    ) -> Result<Located, Problem> {
        let kept = clouds::kept(private).map(|(settings, _)| settings);
        let mut among = self.declared();
        if let Some(kept) = &kept
            && !among.iter().any(|settings| settings.name == kept.name)
        {
            among.push(kept.clone());
        }
        let mut found = self.candidates(url, among);
        if found.len() < 2 {
            return found.pop().ok_or_else(|| nowhere(url));
        }
        let bucket_url = found[0].cloud.url(&found[0].place.bucket, "");
        let known = kept.map(|settings| settings.name);
        let known = known.or_else(|| self.met(bucket_url.trim_end_matches('/')));
        if let Some(at) = found.iter().position(|one| Some(&one.settings.name) == known.as_ref()) {
            return Ok(found.swap_remove(at));
        }
        ask(found, url).await
    }

    /// Whether a URL leads into some cloud.
    pub(crate) fn is_bucket(&self, url: &str) -> bool {
        !self.candidates(url, self.declared()).is_empty()
    }

    /// The clouds that have such URLs, by name. One that cannot be driven is reported where it is used.
    fn candidates(&self, url: &str, among: Vec<CloudSettings>) -> Vec<Located> {
        let candidate = |settings: CloudSettings| {
            let cloud = self.cloud(&settings).ok()?;
            let place = cloud.locate(url)?;
            Some(Located { settings, cloud, place })
        };
        among.into_iter().filter_map(candidate).collect()
    }
}

fn nowhere(url: &str) -> Problem {
    let detail = format!("{url} leads into none of the declared clouds.");
    Problem::error(ProblemKind::Invalid, "Unknown bucket", detail)
        .hint("Use a bucket's url, as in bucket.data.url.")
}

/// Asks several clouds which of them has the bucket. Several blocks of one store are as good as one; of
/// several stores only one may have it. Where none has it, any of them can say so.
async fn ask(found: Vec<Located>, url: &str) -> Result<Located, Problem> {
    let (mut having, mut others) = (Vec::new(), Vec::new());
    for one in found {
        match one.cloud.read_bucket(&one.place.bucket).await {
            Ok(Some(_)) => having.push(one),
            _ => others.push(one),
        }
    }
    let stores_differ = having.windows(2).any(|two| !same_store(&two[0], &two[1]));
    if stores_differ {
        let names: Vec<&str> = having.iter().map(|one| one.settings.name.as_str()).collect();
        let detail = format!("{url} leads into each of the clouds {}.", names.join(", "));
        return Err(Problem::error(ProblemKind::Invalid, "Bucket is in several clouds", detail)
            .hint("Give one of the buckets another name."));
    }
    having.into_iter().chain(others).next().ok_or_else(|| nowhere(url))
}

fn same_store(one: &Located, other: &Located) -> bool {
    let store = |settings: &CloudSettings| CloudSettings {
        name: String::new(),
        region: String::new(),
        serve_here: false,
        ..settings.clone()
    };
    store(&one.settings) == store(&other.settings)
}

#[cfg(test)]
mod tests;

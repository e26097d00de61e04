//! What is kept in a container's metadata: tags, and whose it is.
//!
//! Names are those of identifiers, and are the same in upper and lower case; values are printable
//! ASCII. Source: "Setting and retrieving properties and metadata", Azure Storage REST reference.

use std::collections::{BTreeMap, HashMap};

use skyform_provider_sdk::{BucketSpec, Problem, ProblemKind};
use skyform_value::Path;

/// Our own names, which no tag may have.
const TOKEN: &str = "skyform_token";
const OWNER: &str = "skyform_owner";
/// That old versions are to be kept, which only the account can do.
const VERSIONING: &str = "skyform_versioning";

/// The metadata of a container that is to be like this.
pub(crate) fn of(spec: &BucketSpec) -> HashMap<String, String> {
    let tags = spec.settings.tags.iter().map(|(name, value)| (name.clone(), value.clone()));
    let own = [(TOKEN, &spec.token), (OWNER, &spec.owner)].into_iter();
    let own = own.filter(|(_, value)| !value.is_empty());
    let versioning = spec.settings.versioning.then(|| (VERSIONING.to_owned(), "yes".to_owned()));
    tags.chain(versioning)
        .chain(own.map(|(name, value)| (name.to_owned(), printable(value))))
        .collect()
}

/// What metadata means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) token: String,
    pub(crate) owner: String,
    pub(crate) versioning: bool,
    pub(crate) tags: BTreeMap<String, String>,
}

/// What the metadata of a container means.
pub(crate) fn read(metadata: HashMap<String, String>) -> Meaning {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    tags.extend(metadata.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
    let token = tags.remove(TOKEN).unwrap_or_default();
    let owner = tags.remove(OWNER).unwrap_or_default();
    let versioning = tags.remove(VERSIONING).is_some_and(|value| value == "yes");
    Meaning { token, owner, versioning, tags }
}

/// Checks that tags can be metadata.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), Problem> {
    let refuse = |detail: String, hint: &str| {
        Err(Problem::error(ProblemKind::Unsupported, "Not supported by this cloud", detail)
            .at(Path::attribute("tags"))
            .hint(hint))
    };
    for (name, value) in tags {
        let start = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !start || !name.bytes().all(plain) || [TOKEN, OWNER, VERSIONING].contains(&name.as_str())
        {
            let detail = format!("The driver \"azure\" cannot name a tag \"{name}\".");
            return refuse(detail, "Lower-case letters, digits and underscores, no digit first.");
        }
        if *value != printable(value) || value.is_empty() {
            let detail =
                format!("The driver \"azure\" cannot store the value of the tag \"{name}\".");
            return refuse(detail, "Printable ASCII characters, no space at either end.");
        }
    }
    Ok(())
}

/// A text as a header can carry it.
fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.trim().chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_means_what_it_was_made_from() {
        let mut spec = BucketSpec {
            name: "data".to_owned(),
            owner: "bucket.data[\"é\"]".to_owned(),
            token: "t-1".to_owned(),
            ..BucketSpec::default()
        };
        spec.settings.tags = [("team".to_owned(), "fraud desk".to_owned())].into();
        let expected = Meaning {
            versioning: false,
            token: "t-1".to_owned(),
            owner: "bucket.data[\"?\"]".to_owned(),
            tags: spec.settings.tags.clone(),
        };
        assert_eq!(read(of(&spec)), expected);
        assert_eq!(read(HashMap::new()), Meaning::default());
    }

    #[test]
    fn tags_that_would_come_back_changed_are_refused() {
        for (name, value, good) in [
            ("team", "fraud", true),
            ("cost_centre_2", "a=b;c", true),
            ("Team", "fraud", false),
            ("cost-centre", "x", false),
            ("2nd", "x", false),
            ("skyform_token", "x", false),
            ("team", " padded", false),
            ("team", "é", false),
            ("team", "", false),
        ] {
            let tags = [(name.to_owned(), value.to_owned())].into();
            assert_eq!(check(&tags).is_ok(), good, "{name}={value}");
        }
    }
}

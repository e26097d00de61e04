//! Sources as they are written in configuration.
//!
//! Source: the language's documentation of module sources.

use std::fmt;

use crate::ModuleError;
use crate::stored::{Store, Stored};

/// Where a registry is that the address does not name.
const DEFAULT_HOST: &str = "registry.terraform.io";

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder, relative to the calling module.
    Local(String),
    /// A registry.
    Registry(RegistryAddress),
    /// A git repository.
    Git {
        /// What git is given.
        url: String,
        /// Branch, tag or commit.
        reference: Option<String>,
        /// How many commits are fetched; all without it.
        depth: Option<u32>,
        /// The folder in it.
        subfolder: String,
    },
    /// An object store.
    Stored {
        /// The archive, or the folder of objects.
        at: Stored,
        /// The folder in it.
        subfolder: String,
    },
    /// An archive, or a page that says where it is.
    Http {
        /// The address without the folder.
        url: String,
        /// The folder in the archive.
        subfolder: String,
    },
}

/// `HOST/NAMESPACE/NAME/PROVIDER//SUBFOLDER`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryAddress {
    /// The registry.
    pub host: String,
    /// Whose it is.
    pub namespace: String,
    /// The module.
    pub name: String,
    /// What it is for.
    pub provider: String,
    /// The folder in it.
    pub subfolder: String,
}

impl Source {
    /// Reads a source.
    ///
    /// # Errors
    /// If it is of no known form.
    pub fn parse(text: &str) -> Result<Self, ModuleError> {
        if text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") {
            return Ok(Source::Local(text.to_owned()));
        }
        let (forced, rest) = match text.split_once("::") {
            Some((getter, rest)) => (Some(getter), rest),
            None => (None, text),
        };
        match forced {
            Some("git") => return Ok(git(&expanded(rest))),
            Some("s3") => return stored(Store::S3, rest),
            Some("gcs") => return stored(Store::Gcs, rest),
            Some(other) => {
                return Err(ModuleError::Source(format!(
                    "sources that start with {other}:: are not supported: git::, s3::, gcs::, https:// and registry addresses are"
                )));
            }
            None => {}
        }
        if rest.starts_with("http://") || rest.starts_with("https://") {
            let (url, subfolder) = split_subfolder(rest);
            // A host that is known to speak git.
            return Ok(
                if url.split(['?', '#']).next().is_some_and(|path| path.ends_with(".git")) {
                    git(rest)
                } else {
                    Source::Http { url, subfolder }
                },
            );
        }
        if rest.starts_with("git@") || rest.starts_with("ssh://") {
            return Ok(git(rest));
        }
        if rest.starts_with("github.com/") || rest.starts_with("bitbucket.org/") {
            return Ok(git(&expanded(rest)));
        }
        registry(rest).map(Source::Registry).ok_or_else(|| {
            ModuleError::Source(format!(
                "\"{text}\" is no module source: a folder starts with ./ or ../, a registry's module is NAMESPACE/NAME/PROVIDER, a repository starts with git::"
            ))
        })
    }
}

fn stored(store: Store, url: &str) -> Result<Source, ModuleError> {
    let (url, subfolder) = split_subfolder(url);
    Ok(Source::Stored { at: Stored::parse(store, &url)?, subfolder })
}

/// `github.com/OWNER/NAME` as the URL of the repository.
fn expanded(text: &str) -> String {
    for host in ["github.com/", "bitbucket.org/"] {
        let Some(path) = text.strip_prefix(host) else { continue };
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let mut parts = path.splitn(3, '/');
        let (owner, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let name = name.strip_suffix(".git").unwrap_or(name);
        let below = parts.next().map(|below| below.trim_start_matches('/'));
        let below = below.map_or_else(String::new, |below| format!("//{below}"));
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        return format!("https://{host}{owner}/{name}.git{below}{query}");
    }
    text.to_owned()
}

fn git(text: &str) -> Source {
    let (address, subfolder) = split_subfolder(text);
    let (url, query) = address.split_once('?').map_or((address.as_str(), ""), |parts| parts);
    let (mut reference, mut depth, mut kept) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("ref", value)) => reference = Some(value.to_owned()),
            Some(("depth", value)) => depth = value.parse().ok().filter(|depth| *depth > 0),
            _ => kept.push(pair),
        }
    }
    let kept = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    Source::Git { url: format!("{url}{kept}"), reference, depth, subfolder }
}

/// The address without `//SUBFOLDER`, which stands before the query, and the folder.
fn split_subfolder(text: &str) -> (String, String) {
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (text, String::new()),
    };
    let start = path.find("://").map_or(0, |at| at + 3);
    match path[start..].find("//") {
        Some(at) => {
            let (address, folder) = path.split_at(start + at);
            (format!("{address}{query}"), folder.trim_matches('/').to_owned())
        }
        None => (text.to_owned(), String::new()),
    }
}

fn registry(text: &str) -> Option<RegistryAddress> {
    let (address, subfolder) = split_subfolder(text);
    let parts: Vec<&str> = address.split('/').collect();
    let (host, names) = match parts.as_slice() {
        [host, names @ ..] if names.len() == 3 && is_host(host) => (*host, names),
        names if names.len() == 3 => (DEFAULT_HOST, names),
        _ => return None,
    };
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    names.iter().all(is_name).then(|| RegistryAddress {
        host: host.to_owned(),
        namespace: names[0].to_owned(),
        name: names[1].to_owned(),
        provider: names[2].to_owned(),
        subfolder,
    })
}

fn is_host(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    (name.contains('.') || text.contains(':'))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Local(path) => f.write_str(path),
            Source::Registry(address) => write!(f, "{address}"),
            Source::Git { url, reference, depth, subfolder } => {
                write!(f, "git::{url}{}", below(subfolder))?;
                let depth = depth.map(|depth| format!("depth={depth}"));
                let reference = reference.as_ref().map(|reference| format!("ref={reference}"));
                let query: Vec<String> = depth.into_iter().chain(reference).collect();
                if query.is_empty() { Ok(()) } else { write!(f, "?{}", query.join("&")) }
            }
            Source::Stored { at, subfolder } => write!(f, "{at}{}", below(subfolder)),
            Source::Http { url, subfolder } => write!(f, "{url}{}", below(subfolder)),
        }
    }
}

impl fmt::Display for RegistryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, namespace, name, provider, subfolder } = self;
        write!(f, "{host}/{namespace}/{name}/{provider}{}", below(subfolder))
    }
}

fn below(subfolder: &str) -> String {
    if subfolder.is_empty() { String::new() } else { format!("//{subfolder}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        let cases = [
            ("./a", "./a"),
            ("../a", "../a"),
            ("hashicorp/consul/aws", "registry.terraform.io/hashicorp/consul/aws"),
            ("example.com:8443/a/b/c//d/e", "example.com:8443/a/b/c//d/e"),
            ("github.com/a/b", "git::https://github.com/a/b.git"),
            ("github.com/a/b//c?ref=v1", "git::https://github.com/a/b.git//c?ref=v1"),
            ("git::https://x.y/z.git?ref=v1.2", "git::https://x.y/z.git?ref=v1.2"),
            (
                "git::ssh://git@x.y/z.git//m?depth=1&ref=v1",
                "git::ssh://git@x.y/z.git//m?depth=1&ref=v1",
            ),
            ("git@github.com:a/b.git", "git::git@github.com:a/b.git"),
            ("git::file:///tmp/x//sub", "git::file:///tmp/x//sub"),
            ("https://x.y/z.zip", "https://x.y/z.zip"),
            ("https://x.y/z.zip//a?b=c", "https://x.y/z.zip?b=c//a"),
            ("s3::https://s3-eu-west-1.amazonaws.com/b/m.zip//a", "s3://b/m.zip//a"),
            ("gcs::https://www.googleapis.com/storage/v1/b/m.zip", "gs://b/m.zip"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                Source::parse(text).map(|s| s.to_string()).ok().as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in
            ["", "a", "a/b", "a/b/c/d/e", "s3::https://x/y", "hg::x", "/abs/path", "a b/c/d"]
        {
            assert!(Source::parse(text).is_err(), "{text}");
        }
    }
}

//! From a source to a folder.

use std::path::{Path, PathBuf};

use crate::http::{self, get, resolve};
use crate::{ModuleError, Objects, Source, archive, git, registry, stored};

/// More places that only say where else to look are taken for a circle.
const MAX_HOPS: usize = 8;

/// Fetches modules.
pub struct Fetcher<'a> {
    agent: ureq::Agent,
    scheme: &'static str,
    objects: &'a dyn Objects,
}

/// A module that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The folder with its files.
    pub dir: PathBuf,
    /// The version, of a registry's.
    pub version: Option<String>,
}

impl<'a> Fetcher<'a> {
    /// A fetcher that reads object stores through `objects`.
    pub fn new(objects: &'a dyn Objects) -> Self {
        Self { agent: http::agent(), scheme: "https", objects }
    }

    /// The same, but asks registries without encryption, as one on the own machine may want.
    #[must_use]
    pub fn plain(self) -> Self {
        Self { scheme: "http", ..self }
    }

    /// Fetches a module into a folder, which is emptied first. `choose` takes one of a registry's
    /// versions.
    ///
    /// # Errors
    /// If it cannot be had, or is not what it should be.
    pub fn fetch(
        &self,
        source: &Source,
        into: &Path,
        choose: &dyn Fn(&[String]) -> Option<String>,
    ) -> Result<Fetched, ModuleError> {
        clear(into)?;
        let mut source = source.clone();
        let mut version = None;
        let mut below = PathBuf::new();
        for _ in 0..MAX_HOPS {
            match source {
                Source::Local(_) => break,
                Source::Registry(address) => {
                    let found = registry::locate(&self.agent, self.scheme, &address, choose)?;
                    version = Some(found.0);
                    below = Path::new(&address.subfolder).join(below);
                    source = Source::parse(&found.1)?;
                }
                Source::Git { url, reference, depth, subfolder } => {
                    git::clone(&url, reference.as_deref(), depth, into)?;
                    return finish(into, &Path::new(&subfolder).join(below), version);
                }
                Source::Stored { at, subfolder } => {
                    stored::fetch(self.objects, &at, into)?;
                    return finish(into, &Path::new(&subfolder).join(below), version);
                }
                Source::Http { url, subfolder } => {
                    below = Path::new(&subfolder).join(below);
                    match self.page(&url, into)? {
                        None => return finish(into, &below, version),
                        Some(location) => source = Source::parse(&location)?,
                    }
                }
            }
        }
        Err(ModuleError::Source(
            "the source leads to places that lead to other places without end".to_owned(),
        ))
    }

    /// Unpacks the archive at an address, or says where else to look.
    fn page(&self, url: &str, into: &Path) -> Result<Option<String>, ModuleError> {
        let sign = if url.contains('?') { '&' } else { '?' };
        let is_archive =
            url.split('?').next().is_some_and(archive::is_named_so) || url.contains("archive=");
        let asked = if is_archive { url.to_owned() } else { format!("{url}{sign}terraform-get=1") };
        let answer = get(&self.agent, &asked)?;
        if let Some(location) = answer.location {
            return Ok(Some(resolve(url, &location)));
        }
        if answer.content_type.starts_with("text/html") {
            let page = String::from_utf8_lossy(&answer.body);
            let location = meta_location(&page).ok_or_else(|| ModuleError::Http {
                url: url.to_owned(),
                reason: "it is a page that does not say where a module is".to_owned(),
            })?;
            return Ok(Some(resolve(url, &location)));
        }
        archive::unpack(&answer.body, into)?;
        Ok(None)
    }
}

/// `<meta name="terraform-get" content="...">`
fn meta_location(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("terraform-get\"")?;
    let (_, rest) = rest.split_once("content=\"")?;
    rest.split_once('"').map(|(location, _)| location.to_owned())
}

fn clear(folder: &Path) -> Result<(), ModuleError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(ModuleError::io(folder)(error));
        }
        _ => {}
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(ModuleError::io(parent))?;
    }
    Ok(())
}

/// The folder in what was fetched; a `*` in its name stands for the only folder there is.
fn finish(into: &Path, below: &Path, version: Option<String>) -> Result<Fetched, ModuleError> {
    let missing = || ModuleError::NoSuchFolder(below.display().to_string());
    let mut dir = into.to_owned();
    for part in below.components() {
        match part {
            std::path::Component::Normal(name) if name == "*" => {
                let entries = std::fs::read_dir(&dir).map_err(ModuleError::io(&dir))?;
                let mut folders = entries.flatten().map(|e| e.path()).filter(|path| path.is_dir());
                dir = folders.next().ok_or_else(missing)?;
            }
            std::path::Component::Normal(name) => dir.push(name),
            std::path::Component::CurDir => {}
            _ => return Err(missing()),
        }
    }
    if dir.is_dir() { Ok(Fetched { dir, version }) } else { Err(missing()) }
}

//! Reads folders: the root module, and every local module that is called from it.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap, Span, error_at};
use skyform_value::{ModulePath, Str};

use super::block::{ShortTypes, add_file};
use super::check::check;
use super::overrides::override_blocks;
use super::{Config, Module, ModuleId, ModuleSource, Settings, Version, VersionConstraint};
use crate::Files;
use crate::syntax::{self, Body};

/// What a configuration may contain beyond the language itself.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Resource types that may be written in short spelling, but not in `*.tf` files.
    pub short_types: Vec<Str>,
    /// Modules that were fetched, by the names of the calls that lead to them with dots between.
    pub installed: BTreeMap<String, InstalledModule>,
}

/// A module that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledModule {
    /// The source of the call that it was fetched for.
    pub source: String,
    /// Its version, of a registry's.
    pub version: Option<String>,
    /// Where it lies, as reached from the root module's folder.
    pub dir: PathBuf,
}

/// A module that has to be fetched before the configuration can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingModule {
    /// The names of the calls that lead to it, with dots between.
    pub key: String,
    /// Its source, as written.
    pub source: Str,
    /// The constraint on its version, as written.
    pub version: Option<Str>,
    /// The place of the source.
    pub span: Span,
}

/// More calls inside one another than that are taken for a module that calls itself.
const MAX_DEPTH: usize = 64;

/// Loads the configuration in a folder. What is wrong in one file or block does not keep the others
/// from being loaded.
pub fn load(files: &dyn Files, dir: &Path, options: &LoadOptions) -> (Config, Diagnostics) {
    load_beside(files, dir, options, SourceMap::default())
}

/// As [`load`], with the files put behind those of `sources`, so that places in both can be shown.
pub fn load_beside(
    files: &dyn Files,
    dir: &Path,
    options: &LoadOptions,
    sources: SourceMap,
) -> (Config, Diagnostics) {
    let mut loader = Loader {
        files,
        options,
        sources,
        folders: BTreeMap::new(),
        modules: Vec::new(),
        missing: Vec::new(),
        diagnostics: Diagnostics::new(),
    };
    let root = loader.folder(dir);
    if root.is_none() {
        loader.diagnostics.push(
            Diagnostic::error(
                Location::input(dir.display()),
                "No configuration files",
                "There is no *.hcl or *.tf file in this folder.",
            )
            .hint("Change to the folder of a stack, or name it with -chdir=FOLDER."),
        );
    }
    loader.modules.push(Module {
        path: ModulePath::root(),
        parent: None,
        children: IndexMap::new(),
        source: root.unwrap_or_default(),
        given: Vec::new(),
    });
    let mut next = 0;
    while next < loader.modules.len() {
        loader.children_of(ModuleId(next));
        next += 1;
    }
    let mut diagnostics = loader.diagnostics;
    let config =
        Config { modules: loader.modules, sources: loader.sources, missing: loader.missing };
    if !diagnostics.has_errors() {
        diagnostics.extend(check(&config));
    }
    diagnostics.sort();
    (config, diagnostics)
}

/// What the `terraform` blocks of a folder say, without looking at modules that are called from it.
/// None if there is no configuration.
pub fn load_settings(files: &dyn Files, dir: &Path) -> (Option<Settings>, SourceMap, Diagnostics) {
    let mut loader = Loader {
        files,
        options: &LoadOptions::default(),
        sources: SourceMap::default(),
        folders: BTreeMap::new(),
        modules: Vec::new(),
        missing: Vec::new(),
        diagnostics: Diagnostics::new(),
    };
    let settings = loader.read_folder(dir).map(|source| source.settings);
    (settings, loader.sources, loader.diagnostics)
}

struct Loader<'a> {
    files: &'a dyn Files,
    options: &'a LoadOptions,
    sources: SourceMap,
    folders: BTreeMap<PathBuf, Option<Arc<ModuleSource>>>,
    modules: Vec<Module>,
    missing: Vec<MissingModule>,
    diagnostics: Diagnostics,
}

impl Loader<'_> {
    fn children_of(&mut self, id: ModuleId) {
        let module = &self.modules[id.0];
        let (source, path) = (Arc::clone(&module.source), module.path.clone());
        for call in source.calls.values() {
            let is_local = call.source.starts_with("./") || call.source.starts_with("../");
            let key =
                path.child(&call.name).0.iter().map(Str::as_str).collect::<Vec<_>>().join(".");
            let installed = if is_local { None } else { self.installed(&key, call) };
            if !is_local && installed.is_none() {
                self.diagnostics.push(error_at!(
                    call.source_span,
                    "Module not installed",
                    "The module's source is \"{}\", and it has not been fetched yet.", call.source;
                    hint: "Run \"skyform init\"."
                ));
                self.missing.push(MissingModule {
                    key,
                    source: call.source.clone(),
                    version: call.version.clone(),
                    span: call.source_span,
                });
                continue;
            }
            if is_local && call.version.is_some() {
                self.diagnostics.push(error_at!(
                    call.source_span,
                    "Invalid registry module source address",
                    "\"version\" chooses among those that a registry has; \"{}\" is a local folder.", call.source;
                    hint: "Leave \"version\" out."
                ));
                continue;
            }
            let dir = installed.unwrap_or_else(|| normal(&source.dir.join(call.source.as_str())));
            if path.0.len() >= MAX_DEPTH {
                self.diagnostics.push(error_at!(
                    call.span,
                    "Modules nested too deeply",
                    "There are more than {MAX_DEPTH} module calls inside one another: {}.", path;
                    hint: "Does a module call itself?"
                ));
                continue;
            }
            if let Some(way) = self.calls_itself(id, &dir) {
                self.diagnostics.push(error_at!(
                    call.span,
                    "Module calls itself",
                    "The folder {} is called from within itself: {way}.",
                    dir.display()
                ));
                continue;
            }
            let Some(called) = self.folder(&dir) else {
                self.diagnostics.push(error_at!(
                    call.source_span,
                    "Unreadable module folder",
                    "There is no configuration in {}.",
                    dir.display()
                ));
                continue;
            };
            for import in &called.imports {
                self.diagnostics.push(error_at!(
                    import.span,
                    "Invalid import configuration",
                    "Import blocks are only allowed in the root module, and this one belongs to {}.",
                    path.child(&call.name)
                ));
            }
            let child = ModuleId(self.modules.len());
            self.modules.push(Module {
                path: path.child(&call.name),
                parent: Some(id),
                children: IndexMap::new(),
                source: called,
                given: Vec::new(),
            });
            self.modules[id.0].children.insert(call.name.clone(), child);
        }
    }

    /// Where the module of a call lies, if what was fetched is still what the call asks for.
    fn installed(&self, key: &str, call: &super::ModuleCall) -> Option<PathBuf> {
        let found = self.options.installed.get(key)?;
        let fits = match &call.version {
            None => true,
            Some(constraint) => {
                let version = Version::parse(found.version.as_deref()?)?;
                VersionConstraint::parse(constraint)?.allows(&version)
            }
        };
        (found.source == call.source.as_str() && fits).then(|| found.dir.clone())
    }

    /// The calls that lead from the folder to itself, if it is one of those above.
    fn calls_itself(&self, from: ModuleId, dir: &Path) -> Option<String> {
        let mut way = Vec::new();
        let mut next = Some(from);
        while let Some(id) = next {
            let module = &self.modules[id.0];
            way.push(module.source.dir.display().to_string());
            if module.source.dir == dir {
                way.reverse();
                way.push(dir.display().to_string());
                return Some(way.join(" -> "));
            }
            next = module.parent;
        }
        None
    }

    /// The blocks of a folder; none if it holds no configuration.
    fn folder(&mut self, dir: &Path) -> Option<Arc<ModuleSource>> {
        if let Some(known) = self.folders.get(dir) {
            return known.clone();
        }
        let loaded = self.read_folder(dir).map(Arc::new);
        self.folders.insert(dir.to_owned(), loaded.clone());
        loaded
    }

    fn read_folder(&mut self, dir: &Path) -> Option<ModuleSource> {
        let mut source = ModuleSource { dir: dir.to_owned(), ..ModuleSource::default() };
        let entries = match self.files.list(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.diagnostics.push(Diagnostic::error(
                    Location::input(dir.display()),
                    "Unreadable folder",
                    format!("The folder could not be read: {error}."),
                ));
                return None;
            }
        };
        let names = entries.into_iter().filter(|(_, is_folder)| !is_folder).map(|(name, _)| name);
        let names: Vec<String> = names.filter(|name| is_configuration(name)).collect();
        let (overrides, plain): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| is_override(name));
        let mut bodies: Vec<(Body, bool)> = Vec::with_capacity(plain.len());
        for name in plain {
            let is_short_allowed = !name.ends_with(".tf");
            bodies.extend(self.parse(&dir.join(name)).map(|body| (body, is_short_allowed)));
        }
        for name in overrides {
            if let Some(body) = self.parse(&dir.join(name)) {
                let targets = bodies.iter_mut().map(|(body, _)| body).collect();
                override_blocks(targets, body, &mut self.diagnostics);
            }
        }
        for (body, is_allowed) in bodies {
            let short = ShortTypes { names: &self.options.short_types, is_allowed };
            add_file(&mut source, body, short, &mut self.diagnostics);
        }
        (!names.is_empty()).then_some(source)
    }

    fn parse(&mut self, path: &Path) -> Option<Body> {
        let shown = shown(path);
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.diagnostics.push(Diagnostic::error(
                    Location::input(&shown),
                    "Unreadable file",
                    format!("The file could not be read: {error}."),
                ));
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let id = self.sources.add(&shown, &text);
                self.diagnostics.push(error_at!(
                    skyform_diag::Span::new(id, valid, valid + 1),
                    "Invalid character encoding",
                    "The file is not valid UTF-8 from here on.";
                    hint: "Save the file as UTF-8."
                ));
                return None;
            }
        };
        let id = self.sources.add(&shown, &text);
        let parsed = if shown.ends_with(".json") {
            syntax::parse_json_body(id, &text)
        } else {
            syntax::parse_body(id, &text)
        };
        self.diagnostics.take(parsed)
    }
}

/// Whether a file of this name overrides what others say.
fn is_override(name: &str) -> bool {
    let ends = [".tf.json", ".hcl.json", ".tf", ".hcl"];
    let stem = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// Whether a file of this name belongs to a module.
fn is_configuration(name: &str) -> bool {
    let known = [".tf", ".hcl", ".tf.json", ".hcl.json"].iter().any(|end| name.ends_with(end));
    let other = [".lock.hcl", ".tftest.hcl", ".tfmock.hcl", ".tftest.json"];
    known && !name.starts_with('.') && !other.iter().any(|end| name.ends_with(end))
}

/// The path as messages show it.
fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}

/// Without `.` parts, and `x/..` pairs taken out.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(parts.components().next_back(), Some(Component::Normal(_))) =>
            {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    if parts.as_os_str().is_empty() { PathBuf::from(".") } else { parts }
}

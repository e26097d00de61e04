//! Modules that are not folders of the configuration: which are fetched already, and fetching.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use skyform_diag::{Diagnostic, Diagnostics};
use skyform_lang::config::{
    Config, InstalledModule, LoadOptions, MissingModule, Version, VersionConstraint, load,
};
use skyform_modules::{Fetcher, ManifestEntry, Source, read_manifest, write_manifest};

use super::context::Context;
use super::module_objects::ModuleObjects;

/// Modules inside modules deeper than that are not fetched.
pub(crate) const MAX_ROUNDS: usize = 64;

/// Where modules are kept, and the manifest of them.
fn folder(context: &Context) -> PathBuf {
    Path::new(context.variable("TF_DATA_DIR").unwrap_or(".terraform")).join("modules")
}

/// What has been fetched.
pub(crate) fn installed(context: &Context) -> BTreeMap<String, InstalledModule> {
    let entries = read_manifest(&folder(context).join("modules.json"));
    let known = entries.into_iter().filter(|entry| entry.dir.is_dir());
    known
        .map(|entry| {
            let ManifestEntry { key, source, version, dir } = entry;
            (key, InstalledModule { source, version, dir })
        })
        .collect()
}

/// Fetches all modules that are missing, and those called from them; all anew with `upgrade`. Says
/// what it does line by line.
pub(crate) fn fetch_missing(
    context: &Context,
    options: &mut LoadOptions,
    upgrade: bool,
) -> (Config, Diagnostics) {
    if upgrade {
        options.installed.clear();
    }
    for _ in 0..MAX_ROUNDS {
        let (config, diagnostics) = load(&context.disk, Path::new("."), options);
        if config.missing.is_empty() {
            let written =
                write_manifest(&folder(context).join("modules.json"), &entries(&config, options));
            let mut diagnostics = diagnostics;
            if config.modules.len() > 1
                && let Err(error) = written
            {
                diagnostics.push(unrecorded(context, &error.to_string()));
            }
            return (config, diagnostics);
        }
        let mut problems = Diagnostics::new();
        for missing in &config.missing {
            match fetch(context, missing) {
                Ok(module) => {
                    options.installed.insert(missing.key.clone(), module);
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.has_errors() {
            return (config, problems);
        }
    }
    load(&context.disk, Path::new("."), options)
}

/// Fetches one module.
pub(crate) fn fetch(
    context: &Context,
    missing: &MissingModule,
) -> Result<InstalledModule, Diagnostic> {
    let objects = ModuleObjects(context);
    let fetcher = Fetcher::new(&objects);
    let MissingModule { key, source, version, span } = missing;
    let problem = |detail: String| {
        Diagnostic::error(*span, "Module could not be fetched", format!("{detail}."))
    };
    let parsed = Source::parse(source).map_err(|error| problem(error.to_string()))?;
    let constraint = match version {
        None => None,
        Some(text) if !matches!(parsed, Source::Registry(_)) => {
            return Err(problem(format!(
                "the version \"{text}\" chooses among those that a registry has, and the source is none"
            )));
        }
        Some(text) => Some(VersionConstraint::parse(text).ok_or_else(|| {
            problem(format!("\"{text}\" is not a version constraint, such as \"~> 1.2\""))
        })?),
    };
    context.print(&format!("- {key}: {parsed}\n"));
    let into = folder(context).join(key);
    let fetched = fetcher
        .fetch(&parsed, &into, &|versions| newest(versions, constraint.as_ref()))
        .map_err(|error| problem(error.to_string()))?;
    if let Some(version) = &fetched.version {
        context.print(&format!("  version {version}\n"));
    }
    Ok(InstalledModule { source: source.to_string(), version: fetched.version, dir: fetched.dir })
}

/// Adds modules that were fetched for tests to the manifest.
pub(crate) fn record(
    context: &Context,
    options: &LoadOptions,
    fetched: &[String],
) -> Result<(), Diagnostic> {
    let path = folder(context).join("modules.json");
    let mut entries = read_manifest(&path);
    entries.retain(|entry| !fetched.contains(&entry.key));
    for key in fetched {
        let Some(InstalledModule { source, version, dir }) = options.installed.get(key).cloned()
        else {
            continue;
        };
        entries.push(ManifestEntry { key: key.clone(), source, version, dir });
    }
    entries.sort_by(|left, right| left.key.cmp(&right.key));
    write_manifest(&path, &entries).map_err(|error| unrecorded(context, &error.to_string()))
}

fn unrecorded(context: &Context, error: &str) -> Diagnostic {
    let place = skyform_diag::Location::input(folder(context).display());
    Diagnostic::error(place, "Modules could not be recorded", format!("{error}."))
}

fn newest(versions: &[String], constraint: Option<&VersionConstraint>) -> Option<String> {
    let parsed = versions.iter().filter_map(|text| Some((Version::parse(text)?, text)));
    let fitting = parsed.filter(|(version, _)| match constraint {
        Some(constraint) => constraint.allows(version),
        None => !version.is_prerelease(),
    });
    fitting.max_by(|(left, _), (right, _)| left.cmp(right)).map(|(_, text)| text.clone())
}

/// All modules of a configuration, as the manifest lists them.
fn entries(config: &Config, options: &LoadOptions) -> Vec<ManifestEntry> {
    let mut entries = Vec::with_capacity(config.modules.len());
    for module in &config.modules {
        let key: Vec<&str> = module.path.0.iter().map(|name| name.as_str()).collect();
        let key = key.join(".");
        let call = module.parent.and_then(|parent| {
            let calls = &config.modules[parent.0].source.calls;
            module.path.0.last().and_then(|name| calls.get(name))
        });
        let version = options.installed.get(&key).and_then(|module| module.version.clone());
        let source = call.map_or_else(String::new, |call| call.source.to_string());
        let dir = module.source.dir.clone();
        entries.push(ManifestEntry { key, source, version, dir });
    }
    let of_tests = options.installed.iter().filter(|(key, _)| key.starts_with("test."));
    entries.extend(of_tests.map(|(key, module)| ManifestEntry {
        key: key.clone(),
        source: module.source.clone(),
        version: module.version.clone(),
        dir: module.dir.clone(),
    }));
    entries.sort_by(|left, right| left.key.cmp(&right.key));
    entries
}

//! Loads test files, and everything that their runs work on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, SourceMap, error_at};
use skyform_engine::Providers;
use skyform_lang::Files as _;
use skyform_lang::config::{
    LoadOptions, MissingModule, Run, TestFile, load_beside, load_test_file,
};
use skyform_testing::{Machine, Module, Suite};
use tokio_util::sync::CancellationToken;

use super::arguments::TestArgs;
use super::context::{Context, random_bytes};
use super::{inputs, modules, project};

/// Everything that `test` needs.
pub(crate) struct Loaded {
    pub suite: Suite,
    /// The files that all places are in.
    pub sources: SourceMap,
    pub diagnostics: Diagnostics,
}

/// Loads the root module, the test files, and the modules that single runs work on.
pub(crate) fn load(context: &Context, args: &TestArgs) -> Loaded {
    let (mut project, mut diagnostics) = project::open(context, &args.variables);
    let mut sources = std::mem::take(&mut project.config.sources);
    let (files, problems) = read_files(context, &args.test_directory, &args.filter, &mut sources);
    diagnostics.extend(problems);
    let options = project::load_options(context, &project.providers);
    let mut all = vec![Module { config: project.config, inputs: project.inputs }];
    let mut known: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut module_of = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        for (index, run) in file.runs.iter().enumerate() {
            let Some(module) = &run.module else { continue };
            let key = key_of(file, run);
            let Some(dir) = dir_of(&options, &key, module) else {
                diagnostics.push(error_at!(
                    module.span,
                    "Module not installed",
                    "The run's module is \"{}\", and it has not been fetched yet.", module.source;
                    hint: "Run \"skyform init\"."
                ));
                continue;
            };
            let place = *known.entry(dir.clone()).or_insert_with(|| {
                let options = below(&options, &key);
                let before = std::mem::take(&mut sources);
                let (mut config, problems) = load_beside(&context.disk, &dir, &options, before);
                diagnostics.extend(problems);
                let (inputs, problems) = inputs::collect(context, &args.variables, &mut config);
                diagnostics.extend(problems);
                sources = std::mem::take(&mut config.sources);
                all.push(Module { config, inputs });
                all.len() - 1
            });
            module_of.insert((at, index), place);
        }
    }
    let folder = Path::new(&args.test_directory);
    let (given, problems) = inputs::of_folder(context, folder, &mut sources);
    diagnostics.extend(problems);
    for module in &mut all {
        module.config.sources = sources.clone();
    }
    diagnostics.sort();
    let suite = Suite {
        files,
        modules: all,
        module_of,
        folder_inputs: BTreeMap::from([(folder.to_owned(), given)]),
        providers: project.providers,
        machine: machine(context),
        parallelism: args.parallelism.unwrap_or(10).max(1),
        files_at_a_time: args.parallelism,
        stop: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    Loaded { suite, sources, diagnostics }
}

fn machine(context: &Context) -> Machine {
    Machine {
        files: Arc::new(context.disk.clone()),
        web: Arc::new(context.web.clone()),
        working_dir: context.disk.working_dir.clone(),
        now: context.now.clone(),
        random: random_bytes,
    }
}

/// The test files of the folder and of the one for tests, sorted by path; only the named ones if
/// some are named.
fn read_files(
    context: &Context,
    folder: &str,
    only: &[PathBuf],
    sources: &mut SourceMap,
) -> (Vec<TestFile>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in [Path::new(""), Path::new(folder)] {
        let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries = context.disk.list(shown).unwrap_or_default();
        let names = entries.into_iter().filter(|(_, is_folder)| !is_folder).map(|(name, _)| name);
        let is_test =
            |name: &String| name.ends_with(".tftest.hcl") || name.ends_with(".tftest.json");
        paths.extend(names.filter(is_test).map(|name| folder.join(name)));
    }
    paths.sort();
    paths.dedup();
    let plain = |path: &Path| path.strip_prefix("./").unwrap_or(path).to_owned();
    for wanted in only.iter().filter(|wanted| !paths.contains(&plain(wanted))) {
        let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let name = wanted.display().to_string();
        diagnostics.push(
            Diagnostic::warning(
                skyform_diag::Location::input(format!("-filter={name}")),
                "No such test file",
                "There is no test file of this path here, so nothing is run for it.",
            )
            .did_you_mean(&name, shown.iter().map(String::as_str)),
        );
    }
    if !only.is_empty() {
        paths.retain(|path| only.iter().any(|wanted| plain(wanted) == *path));
    }
    let files = paths.iter().map(|path| {
        let (file, problems) = load_test_file(&context.disk, path, sources);
        diagnostics.extend(problems);
        file
    });
    (files.collect(), diagnostics)
}

/// The key in the manifest of the module that a run works on.
fn key_of(file: &TestFile, run: &Run) -> String {
    let path = Path::new(&file.name).with_extension("").with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    format!("test.{}.{}", parts.join("."), run.name)
}

fn dir_of(
    options: &LoadOptions,
    key: &str,
    module: &skyform_lang::config::RunModule,
) -> Option<PathBuf> {
    if module.source.starts_with("./") || module.source.starts_with("../") {
        return Some(Path::new(module.source.as_str()).components().collect());
    }
    let installed = options.installed.get(key)?;
    (installed.source == module.source.as_str()).then(|| installed.dir.clone())
}

/// What was fetched for a run's module, as that module sees it.
fn below(options: &LoadOptions, key: &str) -> LoadOptions {
    let inside = options.installed.iter().filter_map(|(known, module)| {
        let rest = known.strip_prefix(key)?.strip_prefix('.')?;
        Some((rest.to_owned(), module.clone()))
    });
    LoadOptions { installed: inside.collect(), short_types: options.short_types.clone() }
}

/// Fetches the modules of runs that are not there yet, and those called from them.
pub(crate) fn fetch_missing(
    context: &Context,
    providers: &Providers,
    folder: &str,
    upgrade: bool,
) -> (SourceMap, Diagnostics) {
    let mut sources = SourceMap::default();
    let (files, mut diagnostics) = read_files(context, folder, &[], &mut sources);
    if diagnostics.has_errors() {
        return (sources, diagnostics);
    }
    let mut options = project::load_options(context, providers);
    if upgrade {
        options.installed.retain(|key, _| !key.starts_with("test."));
    }
    let mut fetched = Vec::new();
    for (file, run) in files.iter().flat_map(|file| file.runs.iter().map(move |run| (file, run))) {
        let Some(module) = &run.module else { continue };
        let key = key_of(file, run);
        if dir_of(&options, &key, module).is_none() {
            let missing = MissingModule {
                key: key.clone(),
                source: module.source.clone(),
                version: module.version.clone(),
                span: module.span,
            };
            match modules::fetch(context, &missing) {
                Ok(found) => {
                    options.installed.insert(key.clone(), found);
                    fetched.push(key.clone());
                }
                Err(problem) => diagnostics.push(problem),
            }
        }
        let Some(dir) = dir_of(&options, &key, module) else { continue };
        for _ in 0..modules::MAX_ROUNDS {
            let before = std::mem::take(&mut sources);
            let (config, _) = load_beside(&context.disk, &dir, &below(&options, &key), before);
            sources = config.sources;
            if config.missing.is_empty() {
                break;
            }
            for missing in config.missing {
                let missing = MissingModule { key: format!("{key}.{}", missing.key), ..missing };
                match modules::fetch(context, &missing) {
                    Ok(found) => {
                        options.installed.insert(missing.key.clone(), found);
                        fetched.push(missing.key);
                    }
                    Err(problem) => diagnostics.push(problem),
                }
            }
            if diagnostics.has_errors() {
                break;
            }
        }
    }
    if !fetched.is_empty()
        && let Err(problem) = modules::record(context, &options, &fetched)
    {
        diagnostics.push(problem);
    }
    (sources, diagnostics)
}

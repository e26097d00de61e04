//! `fmt`: writes configuration files in their canonical form.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap, error_at};
use skyform_lang::syntax;

use crate::cli::EXIT_OK;
use crate::cli::context::Context;
use crate::cli::project::is_true;

/// Some file is not in canonical form, with `-check`.
const EXIT_UNFORMATTED: u8 = 3;
/// A file could not be read or is not valid.
const EXIT_UNREADABLE: u8 = 2;

/// File names that are formatted, by their ends.
const ENDS: [&str; 3] = [".tf", ".tfvars", ".hcl"];

#[derive(Args, Clone, Debug)]
pub(crate) struct FmtArgs {
    /// Whether to list files that were not in canonical form
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    pub list: String,
    /// Whether to write files
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    pub write: String,
    /// Show what would change in each file
    #[arg(long)]
    pub diff: bool,
    /// Write nothing; end with exit code 3 if any file is not in canonical form
    #[arg(long)]
    pub check: bool,
    /// Go into folders below as well
    #[arg(long)]
    pub recursive: bool,
    /// Do not use colours
    #[arg(long)]
    pub no_color: bool,
    /// Files and folders; "-" for standard input. The current folder without any
    pub targets: Vec<PathBuf>,
}

pub(crate) fn run(context: &Context, args: &FmtArgs) -> u8 {
    let mut run = Run {
        context,
        args,
        sources: SourceMap::default(),
        problems: Diagnostics::new(),
        changed: false,
    };
    match args.targets.as_slice() {
        [] => run.folder(Path::new("")),
        [one] if one.as_os_str() == "-" => run.standard_input(),
        targets => targets.iter().for_each(|target| run.target(target)),
    }
    run.problems.sort();
    context.report(&run.problems, &run.sources, args.no_color);
    if run.problems.has_errors() {
        EXIT_UNREADABLE
    } else if args.check && run.changed {
        EXIT_UNFORMATTED
    } else {
        EXIT_OK
    }
}

struct Run<'a> {
    context: &'a Context,
    args: &'a FmtArgs,
    sources: SourceMap,
    problems: Diagnostics,
    changed: bool,
}

impl Run<'_> {
    fn target(&mut self, target: &Path) {
        let shown = target.display().to_string();
        if target.is_dir() {
            return self.folder(target);
        }
        if !target.is_file() {
            let detail = format!("There is no file or folder {shown}.");
            return self.problem(&shown, "No such file or folder", detail);
        }
        if !ENDS.iter().any(|end| shown.ends_with(end)) {
            let detail = "Only *.tf, *.hcl and *.tfvars files have a canonical form.".to_owned();
            return self.problem(&shown, "Not a configuration file", detail);
        }
        self.file(target);
    }

    fn problem(&mut self, place: &str, summary: &'static str, detail: String) {
        self.problems.push(Diagnostic::error(Location::input(place), summary, detail));
    }

    /// The files of a folder, by name; then what is below it.
    fn folder(&mut self, folder: &Path) {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries =
            std::fs::read_dir(here).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let shown = here.display().to_string();
                return self.problem(&shown, "Unreadable folder", format!("{error}."));
            }
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            let path = folder.join(&name);
            // A link to a folder is not gone into: it could lead back up.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && self.args.recursive {
                self.folder(&path);
            } else if !is_folder && ENDS.iter().any(|end| name.ends_with(end)) && path.is_file() {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.problem(&shown, "Unreadable file", format!("{error}.")),
        };
        let Some((text, formatted)) = self.formatted(&shown, bytes) else { return };
        if text == formatted {
            return;
        }
        self.changed = true;
        if is_true(&self.args.list) {
            self.context.print(&format!("{shown}\n"));
        }
        if is_true(&self.args.write)
            && !self.args.check
            && let Err(error) = std::fs::write(path, &formatted)
        {
            self.problem(&shown, "Unwritable file", format!("{error}."));
        }
        self.show_diff(&shown, &text, &formatted);
    }

    fn standard_input(&mut self) {
        let mut bytes = Vec::new();
        if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
            return self.problem("<stdin>", "Unreadable file", format!("{error}."));
        }
        let Some((text, formatted)) = self.formatted("<stdin>", bytes) else { return };
        self.changed = text != formatted;
        if self.args.diff {
            self.show_diff("<stdin>", &text, &formatted);
        } else if !self.args.check {
            let end = if formatted.ends_with('\n') { "" } else { "\n" };
            self.context.print(&format!("{formatted}{end}"));
        }
    }

    /// The text and its canonical form, if it is valid.
    fn formatted(&mut self, shown: &str, bytes: Vec<u8>) -> Option<(String, String)> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let id = self.sources.add(shown, &text);
                self.problems.push(error_at!(
                    skyform_diag::Span::new(id, valid, valid + 1),
                    "Invalid character encoding",
                    "The file is not valid UTF-8 from here on."
                ));
                return None;
            }
        };
        let id = self.sources.add(shown, &text);
        let parsed = syntax::parse_body(id, &text);
        self.problems.take(parsed)?;
        let formatted = syntax::format(&text);
        Some((text, formatted))
    }

    fn show_diff(&self, shown: &str, text: &str, formatted: &str) {
        if !self.args.diff {
            return;
        }
        let diff = TextDiff::from_lines(text, formatted);
        let header = (format!("old/{shown}"), format!("new/{shown}"));
        self.context.print(&diff.unified_diff().header(&header.0, &header.1).to_string());
    }
}

//! The process as commands see it: streams, folder, environment, time and randomness.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use skyform_diag::{Diagnostics, SourceMap};
use skyform_engine::World;
use skyform_render::{Style, compact_warnings_text, diagnostics_text};
use skyform_state::disk::RealDisk;
use skyform_state::{Backend, Here, LockInfo, Store};

use super::arguments::ShownArgs;
use super::backend::select;
use super::disk::Disk;
use super::encryption::{Seals, seals};
use super::project::state_problem;
use super::web::CachedWeb;
use super::workspace::Workspace;
use super::{EXIT_ERROR, EXIT_USAGE};

/// What every command needs.
pub(crate) struct Context {
    pub disk: Disk,
    pub web: CachedWeb,
    /// Environment variables, sorted by name.
    pub environment: Vec<(String, String)>,
    /// The time when the command began, in RFC 3339.
    pub now: String,
    /// The workspace in use.
    pub workspace: Workspace,
    /// What keeps the states, once it has been looked for.
    backend: OnceLock<Result<Arc<dyn Backend>, Diagnostics>>,
    /// What is sealed with, once it has been looked for.
    seals: OnceLock<Result<Seals, Diagnostics>>,
    /// Values of variables on the command line.
    pub given_variables: Vec<String>,
    coloured_out: bool,
    coloured_err: bool,
    live: bool,
}

impl Context {
    /// The context of this process, in the folder that `-chdir` names.
    pub(crate) fn of_process(
        chdir: Option<&Path>,
        given_variables: Vec<String>,
    ) -> Result<Self, u8> {
        if let Some(folder) = chdir
            && let Err(error) = std::env::set_current_dir(folder)
        {
            let mut stderr = std::io::stderr();
            let _ = writeln!(stderr, "Error: -chdir={}: {error}", folder.display());
            return Err(EXIT_USAGE);
        }
        let working_dir = std::env::current_dir().map_err(|error| {
            let _ =
                writeln!(std::io::stderr(), "Error: the current folder cannot be used: {error}");
            EXIT_ERROR
        })?;
        let mut environment: Vec<(String, String)> = std::env::vars_os()
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .collect();
        environment.sort();
        let find = |wanted: &str| {
            environment.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        };
        let workspace =
            Workspace::of(find("TF_WORKSPACE").as_deref(), find("TF_DATA_DIR").as_deref());
        let dumb = find("TERM").as_deref() == Some("dumb");
        let plain = find("NO_COLOR").is_some_and(|value| !value.is_empty()) || dumb;
        let home_dir: Option<PathBuf> = find("HOME").map(Into::into);
        let cache = find("XDG_CACHE_HOME").filter(|folder| folder.starts_with('/'));
        let cache = cache.map(PathBuf::from).or_else(|| Some(home_dir.as_ref()?.join(".cache")));
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Ok(Self {
            disk: Disk { working_dir, home_dir },
            web: CachedWeb::new(cache.map(|folder| folder.join("skyform/web")), now.clone()),
            environment,
            now,
            workspace,
            backend: OnceLock::new(),
            seals: OnceLock::new(),
            given_variables,
            coloured_out: !plain && std::io::stdout().is_terminal(),
            coloured_err: !plain && std::io::stderr().is_terminal(),
            live: !dumb && std::io::stdout().is_terminal(),
        })
    }

    pub(crate) fn variable(&self, wanted: &str) -> Option<&str> {
        let found = self.environment.binary_search_by(|(name, _)| name.as_str().cmp(wanted));
        found.ok().map(|at| self.environment[at].1.as_str())
    }

    /// How standard output may be written.
    pub(crate) fn style(&self, no_color: bool) -> Style {
        Style { colour: self.coloured_out && !no_color }
    }

    /// Whether standard output is a terminal where lines can be drawn anew.
    pub(crate) fn live_terminal(&self) -> bool {
        self.live
    }

    /// Writes text to standard output. A reader that has gone away is not our problem.
    pub(crate) fn print(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes());
        let _ = stdout.flush();
    }

    /// Writes text to standard error.
    pub(crate) fn complain(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Writes diagnostics to standard error; the exit code that they call for.
    pub(crate) fn report(
        &self,
        diagnostics: &Diagnostics,
        sources: &SourceMap,
        no_color: bool,
    ) -> u8 {
        let style = Style { colour: self.coloured_err && !no_color };
        self.complain(&diagnostics_text(diagnostics, sources, style));
        if diagnostics.has_errors() { EXIT_ERROR } else { super::EXIT_OK }
    }

    /// The same, with warnings in short where that is asked for.
    pub(crate) fn report_as(
        &self,
        diagnostics: &Diagnostics,
        sources: &SourceMap,
        shown: &ShownArgs,
    ) -> u8 {
        let style = Style { colour: self.coloured_err && !shown.no_color };
        match compact_warnings_text(diagnostics, sources, style) {
            Some(text) if shown.compact_warnings => {
                self.complain(&text);
                super::EXIT_OK
            }
            _ => self.report(diagnostics, sources, shown.no_color),
        }
    }

    /// The world as the engine sees it.
    pub(crate) fn world(&self) -> World<'_> {
        World {
            files: &self.disk,
            web: &self.web,
            working_dir: &self.disk.working_dir,
            root_dir: Path::new("."),
            workspace: &self.workspace.name,
            now: &self.now,
            random: &random_bytes,
        }
    }

    /// What keeps the states.
    pub(crate) fn backend(&self) -> Result<Arc<dyn Backend>, Diagnostics> {
        self.backend.get_or_init(|| select(self)).clone()
    }

    /// Where Skyform keeps what belongs to this folder.
    pub(crate) fn data_dir(&self) -> &Path {
        Path::new(self.variable("SKYFORM_DATA_DIR").unwrap_or(".skyform"))
    }

    /// The state of the workspace in use.
    pub(crate) fn store(&self) -> Result<Box<dyn Store>, Diagnostics> {
        self.store_of(&self.workspace.name)
    }

    /// The state of a workspace.
    pub(crate) fn store_of(&self, workspace: &str) -> Result<Box<dyn Store>, Diagnostics> {
        let store = self.backend()?.store(workspace, &self.here()?);
        store.map_err(|error| state_problem(&error).into())
    }

    /// What states and plans are sealed with.
    pub(crate) fn seals(&self) -> Result<Seals, Diagnostics> {
        self.seals.get_or_init(|| seals(self)).clone()
    }

    /// This machine, as stores of states see it.
    pub(crate) fn here(&self) -> Result<Here, Diagnostics> {
        Ok(Here { seal: self.seals()?.state, ..self.plain_here() })
    }

    /// The same for states of other stacks, which this one's keys are not for.
    pub(crate) fn plain_here(&self) -> Here {
        let host = rustix::system::uname();
        let folder = self.disk.working_dir.display();
        Here {
            disk: Arc::new(RealDisk),
            journals: self.data_dir().join("states"),
            rescue: PathBuf::from("errored.tfstate"),
            owner: format!("{}:{folder}", host.nodename().to_string_lossy()),
            seal: None,
        }
    }

    /// Who holds a lock that this process takes.
    pub(crate) fn lock_info(&self, operation: &str, path: String) -> LockInfo {
        let user = self.variable("USER").unwrap_or("unknown");
        let host = rustix::system::uname();
        LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.to_owned(),
            info: String::new(),
            who: format!("{user}@{}", host.nodename().to_string_lossy()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: self.now.clone(),
            path,
        }
    }
}

/// Fills bytes with random ones.
pub(crate) fn random_bytes(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(16) {
        chunk.copy_from_slice(&uuid_bytes()[..chunk.len()]);
    }
}

/// Random bytes: two identifiers' random parts, without their fixed bits.
fn uuid_bytes() -> [u8; 16] {
    let (left, right) = (uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes());
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&left[..6]);
    bytes[6..12].copy_from_slice(&right[..6]);
    bytes[12..].copy_from_slice(&left[12..]);
    bytes
}

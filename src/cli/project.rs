//! What most commands begin with: configuration, values of variables, state.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap};
use skyform_engine::{Deadlines, Providers, short_types};
use skyform_lang::config::{Config, LoadOptions, VariableValue, load};
use skyform_state::{Ledger, Opening, Recovered, RemoteError, RemoteErrorKind, StateError};
use skyform_value::Str;

use super::arguments::{LockArgs, VariableArgs};
use super::context::Context;
use super::{backend, inputs, modules, providers};

/// Configuration with everything that goes with it.
pub(crate) struct Project {
    pub config: Config,
    pub inputs: BTreeMap<Str, VariableValue>,
    pub providers: Providers,
}

/// Loads the configuration and the values given for its variables.
pub(crate) fn open(context: &Context, args: &VariableArgs) -> (Project, Diagnostics) {
    let (deadlines, problem) = deadlines(context);
    let providers = providers::all(context, deadlines);
    let options = load_options(context, &providers);
    let (config, mut diagnostics) = load(&context.disk, Path::new("."), &options);
    diagnostics.extend(problem);
    with_inputs(context, args, providers, config, diagnostics)
}

/// As [`open`], but fetches the modules that are missing first; all anew with `upgrade`.
pub(crate) fn open_and_fetch(context: &Context, upgrade: bool) -> (Project, Diagnostics) {
    let (deadlines, problem) = deadlines(context);
    let providers = providers::all(context, deadlines);
    let mut options = load_options(context, &providers);
    let (config, mut diagnostics) = modules::fetch_missing(context, &mut options, upgrade);
    diagnostics.extend(problem);
    with_inputs(context, &VariableArgs::default(), providers, config, diagnostics)
}

/// What a configuration may contain here, and the modules that have been fetched for it.
pub(crate) fn load_options(context: &Context, providers: &Providers) -> LoadOptions {
    LoadOptions { short_types: short_types(providers), installed: modules::installed(context) }
}

fn with_inputs(
    context: &Context,
    args: &VariableArgs,
    providers: Providers,
    mut config: Config,
    mut diagnostics: Diagnostics,
) -> (Project, Diagnostics) {
    let (inputs, problems) = inputs::collect(context, args, &mut config);
    diagnostics.extend(problems);
    diagnostics.extend(backend::problems(&config.modules[0].source.settings));
    (Project { config, inputs, providers }, diagnostics)
}

/// How long providers may take; `SKYFORM_OPERATION_TIMEOUT` says otherwise.
fn deadlines(context: &Context) -> (Deadlines, Option<Diagnostic>) {
    let name = "SKYFORM_OPERATION_TIMEOUT";
    let plain = Deadlines::default();
    let Some(given) = context.variable(name).filter(|text| !text.is_empty()) else {
        return (plain, None);
    };
    match parse_duration(name, given) {
        Ok(limit) if limit.is_zero() => {
            let place = Location::input(format!("{name}={given}"));
            let detail = "Nothing can be done within no time.";
            (plain, Some(Diagnostic::error(place, "Invalid duration", detail)))
        }
        Ok(limit) => (Deadlines { answer: plain.answer.min(limit), operation: limit }, None),
        Err(problem) => (plain, Some(problem)),
    }
}

/// `true` unless an option says `false`.
pub(crate) fn is_true(text: &str) -> bool {
    !matches!(text, "false" | "0")
}

/// Opens the state, locked for an operation unless `-lock=false` is given.
pub(crate) fn open_state(
    context: &Context,
    lock: &LockArgs,
    operation: &str,
) -> Result<(Ledger, Recovered), Diagnostics> {
    open_state_with(context, lock, operation, false)
}

/// The same; a journal is taken up though others have changed the state since, if `onto_newer` says so.
pub(crate) fn open_state_with(
    context: &Context,
    lock: &LockArgs,
    operation: &str,
    onto_newer: bool,
) -> Result<(Ledger, Recovered), Diagnostics> {
    let patience = parse_duration("-lock-timeout", &lock.lock_timeout)?;
    let start = Instant::now();
    loop {
        let store = context.store()?;
        let info = is_true(&lock.lock).then(|| context.lock_info(operation, store.place()));
        let new_lineage = uuid::Uuid::new_v4().to_string();
        let opening = Opening { lock: info, new_lineage, onto_newer };
        match Ledger::open_store(store, &opening) {
            Err(StateError::Locked(_)) if start.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(100));
            }
            opened => return opened.map_err(|error| state_problem(&error).into()),
        }
    }
}

/// Opens the state to be read only.
pub(crate) fn read_state(context: &Context) -> Result<Ledger, Diagnostics> {
    let lock = LockArgs { lock: "false".to_owned(), lock_timeout: "0s".to_owned() };
    open_state(context, &lock, "read").map(|(ledger, _)| ledger)
}

/// A number with its unit, given by an option or a variable of that name.
fn parse_duration(name: &str, text: &str) -> Result<Duration, Diagnostic> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse::<u64>().ok();
    let in_seconds = |seconds: u64| number?.checked_mul(seconds).map(Duration::from_secs);
    let found = match &text[end..] {
        "ms" => number.map(Duration::from_millis),
        "s" | "" => in_seconds(1),
        "m" => in_seconds(60),
        "h" => in_seconds(3600),
        _ => None,
    };
    found.ok_or_else(|| {
        Diagnostic::error(
            Location::input(format!("{name}={text}")),
            "Invalid duration",
            "A duration is a number with its unit: ms, s, m or h.",
        )
        .hint(format!("For example: {name}=30s"))
    })
}

/// The one place where an error of the state's becomes a message.
pub(crate) fn state_problem(error: &StateError) -> Diagnostic {
    let place = |path: &Path| Location::input(path.display());
    match error {
        StateError::Io { path, source } => with_advice(
            Diagnostic::error(
                place(path),
                "State could not be read or written",
                format!("{source}."),
            ),
            source,
        ),
        StateError::Unsaved { path, source } => Diagnostic::error(
            place(path),
            "State could not be saved",
            format!("{source}. The journal could not be written either, so what was done last is not noted anywhere; what was begun is, and the next run looks for it."),
        ),
        StateError::Invalid { path, reason } => Diagnostic::error(
            place(path),
            "Invalid state file",
            format!("This is not a state file: {reason}."),
        )
        .hint("If it was damaged, the state before the last change is in terraform.tfstate.backup."),
        StateError::TooNew { path, version } => Diagnostic::error(
            place(path),
            "State file of a newer version",
            format!("It has the format {version}, and this version knows formats up to 4."),
        )
        .hint("Use the version that wrote it, or a newer one."),
        StateError::Locked(info) => Diagnostic::error(
            Location::input("state"),
            "State is locked",
            format!(
                "Someone else works with it: {} since {} ({}), lock ID {}.",
                or_unknown(&info.who),
                or_unknown(&info.created),
                or_unknown(&info.operation),
                or_unknown(&info.id)
            ),
        )
        .hint("Wait for them, with -lock-timeout=5m for example. If they are surely gone: skyform force-unlock ID. -lock=false goes ahead without a lock."),
        StateError::OtherLock(holder) => Diagnostic::error(
            Location::input("state"),
            "Lock has another ID",
            format!(
                "The state is locked with the ID {}, by {} since {} ({}).",
                or_unknown(&holder.id),
                or_unknown(&holder.who),
                or_unknown(&holder.created),
                or_unknown(&holder.operation)
            ),
        ),
        StateError::NotLocked => Diagnostic::error(
            Location::input("state"),
            "State is not locked",
            "Nobody holds a lock on it.",
        ),
        StateError::HeldByProcess(holder) => Diagnostic::error(
            Location::input("state"),
            "Lock is held by a running process",
            format!(
                "A lock on a local state file cannot be dropped by another process. It is held by {} since {}, with the ID {}.",
                or_unknown(&holder.who),
                or_unknown(&holder.created),
                or_unknown(&holder.id)
            ),
        )
        .hint("End that process; its lock ends with it."),
        StateError::NoWorkspaces => Diagnostic::error(
            Location::input("workspace"),
            "Workspaces not supported",
            "The backend of this configuration has the default workspace only.",
        )
        .hint("Use another backend, or another folder for each state."),
        StateError::Sealed { place: path, problem } => Diagnostic::error(
            place(path),
            "Encrypted data cannot be used",
            format!("{problem}."),
        )
        .hint("Nothing has been changed. Check the passphrase or key, and the method and its fallback in the \"encryption\" block."),
        StateError::Remote { place, problem } => remote_problem(place, problem),
        StateError::StillLocked { place, id, problem } => Diagnostic::error(
            Location::input(place),
            "Lock may still be there",
            format!("Everything is saved, but the lock could not be given up: {problem}."),
        )
        .hint(format!("Run here again, or drop it: skyform force-unlock {id}")),
        StateError::Rescued { path, source } => Diagnostic::error(
            Location::input(path.display()),
            "State could not be saved where it belongs",
            format!("{source}. All of it has been kept in {}, and what was done in the journal too.", path.display()),
        )
        .hint(error.advice().unwrap_or_default()),
        StateError::Overtaken { path, serial, stored, addresses } => Diagnostic::error(
            place(path),
            "State has gone on without this journal",
            format!(
                "A run here was cut off, and what it did stands only in its journal, which goes on from serial {serial}. Others have changed the state since; its serial is {stored}. What the journal has: {}.",
                addresses.join(", ")
            ),
        )
        .hint("To put what the journal says onto the newer state: skyform recover -onto-newer. If nothing of it is wanted, remove the journal."),
        StateError::ForeignJournal { path, lineage } => Diagnostic::error(
            place(path),
            "Journal of another state",
            format!("It belongs to the state with the lineage {lineage}, not to the one here."),
        )
        .hint("Put the state that it belongs to beside it, or move the journal away."),
    }
}

/// What a remote place said.
pub(crate) fn remote_problem(place: &str, problem: &RemoteError) -> Diagnostic {
    let error = |summary: &'static str| {
        Diagnostic::error(Location::input(place), summary, format!("{problem}."))
    };
    match problem.kind {
        RemoteErrorKind::Changed => error("State has been changed by someone else")
            .hint("Nothing was overwritten. Look at what is stored now: skyform state pull"),
        RemoteErrorKind::Denied => error("Backend refused access")
            .hint("Check the credentials, whether they have expired, and what they allow."),
        RemoteErrorKind::Missing => error("Backend's place does not exist")
            .hint("Make it first: a backend never makes the place that it is to use."),
        RemoteErrorKind::Unreachable => error("Backend did not answer")
            .hint("Check the address and the network, and run it again."),
        RemoteErrorKind::Unsupported => error("Not supported by this backend"),
        _ => error("Backend failed"),
    }
}

/// What to do about a file that cannot be written.
fn with_advice(problem: Diagnostic, error: &std::io::Error) -> Diagnostic {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => problem.hint(
            "The disk is full. What is stored is whole; make room and run it again.",
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => problem.hint(
            "The folder must be writable, for the state, its lock and its journal. Nothing has been changed. To look only: -lock=false.",
        ),
        _ => problem,
    }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

/// For messages that have no file to point into.
pub(crate) fn no_sources() -> SourceMap {
    SourceMap::default()
}

//! Server processes: started, found by their instance, asked, and ended.

use std::fs::{self, File};
use std::path::{Path, PathBuf, absolute};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use skyform_provider_sdk::{EndpointSpec, Problem, ProblemKind};

use crate::{error, files};

/// How long a server may take until its model answers.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long a server may take to finish what it is doing when it is to end.
const STOP_LIMIT: Duration = Duration::from_secs(8);
/// How long an answer about a server's health may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(10);

/// A server to be started.
pub(crate) struct Start<'a> {
    pub(crate) program: &'a Path,
    pub(crate) spec: &'a EndpointSpec,
    /// The model's file.
    pub(crate) model: &'a Path,
    /// Where its log and its ready file go.
    pub(crate) folder: &'a Path,
    pub(crate) instance: &'a str,
    /// `ADDRESS:PORT`; port 0: any that is free.
    pub(crate) listen: &'a str,
}

/// What a server says when it is ready.
#[derive(Debug, Deserialize)]
pub(crate) struct Ready {
    pub(crate) url: String,
    pub(crate) runtime: String,
}

/// What a server says when it cannot start.
#[derive(Debug, Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Debug, Deserialize)]
struct Reason {
    summary: String,
    detail: String,
    hint: Option<String>,
}

/// Starts a server and waits until its model answers. If that fails, nothing is left running.
pub(crate) fn start(start: &Start<'_>) -> Result<Ready, Problem> {
    let ready = start.folder.join(format!("ready-{}.json", start.instance));
    let log = start.folder.join("server.log");
    let mut child = spawn(start, &ready, &log)?;
    let begun = Instant::now();
    let answer = loop {
        if let Some(bytes) = files::read(&ready).map_err(error::at(&ready))? {
            break understand(&bytes, &log);
        }
        let ended = child.try_wait().map_err(error::at(start.program))?;
        // It may have ended right after it wrote why.
        if ended.is_some() && !ready.exists() {
            break Err(failed(format!("The server ended without a word. {}", last_line(&log))));
        }
        if begun.elapsed() > START_LIMIT {
            let seconds = START_LIMIT.as_secs();
            break Err(failed(format!("It did not answer for {seconds} s. {}", last_line(&log))));
        }
        sleep(STEP);
    };
    if answer.is_err() {
        stop(start.instance)?;
        let _ = child.wait();
    }
    answer
}

fn spawn(start: &Start<'_>, ready: &Path, log: &Path) -> Result<Child, Problem> {
    use std::os::unix::process::CommandExt as _;
    let whole = |path: &Path| absolute(path).unwrap_or_else(|_| path.to_owned());
    let option = |name: &str, path: PathBuf| format!("-{name}={}", path.display());
    fs::create_dir_all(start.folder).map_err(error::at(start.folder))?;
    let output = File::options().create(true).append(true).open(log).map_err(error::at(log))?;
    let errors = output.try_clone().map_err(error::at(log))?;
    let spec = start.spec;
    let mut command = Command::new(start.program);
    command
        .arg("serve")
        .arg(option("model", whole(start.model)))
        .arg(format!("-name={}", spec.model.name))
        .arg(format!("-model-version={}", spec.model.version))
        .arg(format!("-listen={}", start.listen))
        .arg(format!("-replicas={}", spec.replicas))
        .arg(format!("-runtime={}", spec.runtime.as_deref().unwrap_or("auto")))
        .arg("-share-address")
        .arg(option("ready-file", whole(ready)))
        .arg(instance_argument(start.instance))
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        // An interrupt at the terminal is for who started it.
        .process_group(0);
    command.spawn().map_err(error::at(start.program))
}

fn understand(bytes: &[u8], log: &Path) -> Result<Ready, Problem> {
    if let Ok(ready) = serde_json::from_slice(bytes) {
        return Ok(ready);
    }
    let Ok(Refusal { error }) = serde_json::from_slice(bytes) else {
        return Err(failed(format!("Its ready file cannot be read. {}", last_line(log))));
    };
    let problem = failed(format!("{}: {}", error.summary, error.detail));
    Err(match error.hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    })
}

fn failed(detail: String) -> Problem {
    Problem::error(ProblemKind::Unavailable, "Endpoint did not start", detail)
}

fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.map_or_else(String::new, |line| format!("Its last words: {}", line.trim()));
    if last.is_empty() { format!("Its log {} is empty.", log.display()) } else { last }
}

fn instance_argument(instance: &str) -> String {
    format!("-instance={instance}")
}

/// The processes that serve as this instance. Those that have ended and wait to be collected have
/// no command line any more.
fn processes(instance: &str) -> Vec<Pid> {
    let wanted = instance_argument(instance);
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let serves = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|argument| argument == wanted.as_bytes())
    };
    numbers.filter(serves).filter_map(Pid::from_raw).collect()
}

/// Ends an instance: first asks, then insists. One that does not run is ended already.
pub(crate) fn stop(instance: &str) -> Result<(), Problem> {
    let begun = Instant::now();
    let mut signal = Signal::TERM;
    let mut asked = Vec::new();
    loop {
        let running = processes(instance);
        if running.is_empty() {
            return Ok(());
        }
        let waited = begun.elapsed();
        if waited > STOP_LIMIT + ANSWER_LIMIT {
            let detail = format!("The process {} does not end.", running[0].as_raw_nonzero());
            return Err(Problem::error(ProblemKind::Other, "Endpoint cannot be ended", detail));
        }
        if waited > STOP_LIMIT && signal != Signal::KILL {
            signal = Signal::KILL;
            asked.clear();
        }
        for pid in running {
            if !asked.contains(&pid) {
                // It may have ended in the meantime.
                let _ = kill_process(pid, signal);
                asked.push(pid);
            }
        }
        sleep(STEP);
    }
}

#[derive(Deserialize)]
struct ServerMetadata {
    instance: Option<String>,
}

/// Whether the server at `url` is this instance, and answers.
pub(crate) fn answers(url: &str, instance: &str) -> bool {
    let config = ureq::Agent::config_builder().timeout_global(Some(ANSWER_LIMIT)).build();
    let agent = ureq::Agent::new_with_config(config);
    let ask = || {
        let mut answer = agent.get(format!("{url}/v2")).call().ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        serde_json::from_str::<ServerMetadata>(&text).ok()?.instance
    };
    // One that is busy gets a second chance.
    !processes(instance).is_empty() && (0..2).any(|_| ask().as_deref() == Some(instance))
}

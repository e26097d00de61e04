//! A server process that ends with the test.

use std::fs::{File, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command with its arguments, and variables of its environment.
type Start = (Vec<String>, Vec<(&'static str, String)>);

/// A running server. It ends when this is dropped, and also when the process that holds it is killed.
#[derive(Debug)]
pub struct Server {
    url: String,
    address: String,
    keeper: Child,
    data: TempDir,
}

impl Server {
    /// Starts what `command` says for a port and an empty folder, and waits until it listens.
    pub(crate) fn start(name: &str, command: impl Fn(u16, &str) -> Start) -> Self {
        let data = tempfile::Builder::new().prefix("skyform-").tempdir().expect("a folder");
        std::fs::set_permissions(data.path(), Permissions::from_mode(0o777)).expect("its rights");
        for _ in 0..3 {
            let port = free_port();
            let (command, environment) = command(port, &data.path().to_string_lossy());
            let mut keeper = keep(&command, environment, &data.path().join("log"));
            let address = format!("127.0.0.1:{port}");
            if listens(&address, &mut keeper) {
                return Self { url: format!("http://{address}"), address, keeper, data };
            }
            // Someone else may have taken the port in between.
            end(&mut keeper);
        }
        let log = std::fs::read_to_string(data.path().join("log")).unwrap_or_default();
        panic!("{name} does not start:\n{log}");
    }

    /// Where it is reached, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `HOST:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn with_path(mut self, path: &str) -> Self {
        self.url = format!("{}/{path}", self.url);
        self
    }

    /// PostgreSQL listens before it takes connections; it says when it does.
    pub(crate) fn into_database(mut self) -> Self {
        self.url = format!("postgres://skyform@{}/postgres?sslmode=disable", self.address);
        let status = self.data.path().join("data/postmaster.pid");
        let ready = || std::fs::read_to_string(&status).is_ok_and(|text| text.contains("ready"));
        let deadline = Instant::now() + PATIENCE;
        while !ready() {
            assert!(Instant::now() < deadline, "postgresql is not ready:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.keeper);
    }
}

/// Runs the command below a shell that ends it when our end of its standard input closes.
fn keep(command: &[String], environment: Vec<(&'static str, String)>, log: &Path) -> Child {
    // PostgreSQL's other processes see that the first was killed and end by themselves.
    let script = r#"
        exec 3<&0
        "$@" 3<&- </dev/null &
        server=$!
        { cat >/dev/null; kill -9 $server; } <&3 2>/dev/null &
        wait $server
    "#;
    let log = File::create(log).expect("a log");
    Command::new("sh")
        .args(["-c", script, "sh"])
        .args(command)
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("a shell")
}

fn end(keeper: &mut Child) {
    drop(keeper.stdin.take());
    let _ = keeper.wait();
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whether something listens at the address before long.
fn listens(address: &str, keeper: &mut Child) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if TcpStream::connect(address).is_ok() {
            return true;
        }
        if keeper.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

//! Endpoints on machines of Amazon Web Services. The emulator runs no machines, so the test plays them:
//! what a machine would run when it starts is run here, and a proxy leads to it from the machine's address.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use skyform_emulators::{Gateway, Server};

use crate::aws::{Account, key};
use crate::stack::{Said, kill_when, project, said};

const SERVED: &str = r#"
variable "url" {}
variable "group" {}

variable "replicas" {
  default = 2
}

cloud "aws" {
  region   = "eu-central-1"
  endpoint = var.url
}

bucket "data" {
  cloud         = cloud.aws
  force_destroy = true
}

model "fraud" {
  source = "fraud.onnx"
  bucket = bucket.data
}

dataset "claims" {
  source      = "claims.csv"
  destination = "${bucket.data.url}/claims/"

  clean {
    drop_nulls  = ["label"]
    deduplicate = ["id"]
    cast        = { amount = "float64" }
  }
}

endpoint "fraud" {
  cloud           = cloud.aws
  offer           = "c7i.large"
  model           = model.fraud
  replicas        = var.replicas
  runtime         = "machines"
  image           = "ami-12c6146b"
  role            = "serve"
  security_groups = [var.group]
}

evaluation "fraud" {
  endpoint = endpoint.fraud
  dataset  = dataset.claims
  label    = "label"
}

output "urls" {
  value = endpoint.fraud.urls
}

output "rows" {
  value = evaluation.fraud.rows
}
"#;

/// The machines that run, by their addresses.
type Running = Arc<Mutex<BTreeMap<String, Machine>>>;

/// What a machine runs.
struct Machine {
    id: String,
    server: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

struct Played {
    account: Account,
    group: String,
    gateway: Gateway,
    running: Running,
}

impl Drop for Played {
    fn drop(&mut self) {
        // The proxy's threads hold them too, and may outlive the test.
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Played {
    fn new() -> Option<Self> {
        let account = Account::new(SERVED)?;
        let root = project();
        for (from, to) in [
            ("testdata/fraud/model/fraud.onnx", "fraud.onnx"),
            ("testdata/fraud/data/claims.csv", "claims.csv"),
        ] {
            std::fs::copy(root.join(from), account.stack.path().join(to)).expect("copied");
        }
        let query = "Action=CreateInstanceProfile&InstanceProfileName=serve&Version=2010-05-08";
        let made = ureq::post(format!("{}/?{query}", account.server.url()));
        made.header("Authorization", key("iam")).send_empty().expect("a role");
        let groups = account.ec2("Action=DescribeSecurityGroups");
        let group = between(&groups, "<groupId>", "<").expect("there is one").to_owned();
        let running = Running::default();
        let (machines, url) = (running.clone(), account.server.url().to_owned());
        let gateway = Gateway::new(move |host| lead(&url, &machines, host));
        Some(Self { account, group, gateway, running })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.account.command(arguments);
        command.env("TF_VAR_group", &self.group).env("ALL_PROXY", self.gateway.url());
        command.env("NO_PROXY", "127.0.0.1,localhost");
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().expect("the program runs"))
    }

    fn good(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.stdout, said.stderr);
        said.stdout
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

fn ask(url: &str, query: &str) -> Option<String> {
    let request = ureq::post(format!("{url}/?Version=2016-11-15&{query}"));
    let answer = request.header("Authorization", key("ec2")).send_empty();
    answer.ok()?.body_mut().read_to_string().ok()
}

/// Where the machine at an address answers, which is started when it is first asked.
fn lead(emulator: &str, running: &Running, host: &str) -> Option<String> {
    let address = host.strip_suffix(":8080")?;
    let mut running = running.lock().expect("whole");
    let all = ask(emulator, "Action=DescribeInstances")?;
    let at = format!("<privateIpAddress>{address}</privateIpAddress>");
    let machine = all
        .split("<instanceId>")
        .skip(1)
        .find(|machine| machine.contains(&at) && machine.contains("<name>running</name>"));
    let Some(id) = machine.and_then(|machine| machine.split('<').next()) else {
        running.remove(host);
        return None;
    };
    if running.get(host).is_none_or(|machine| machine.id != id) {
        let query = format!("Action=DescribeInstanceAttribute&Attribute=userData&InstanceId={id}");
        let about = ask(emulator, &query)?;
        let data = between(between(&about, "<userData>", "</userData>")?, "<value>", "<")?;
        let data = base64::prelude::BASE64_STANDARD.decode(data.trim()).ok()?;
        running.insert(host.to_owned(), start(id, &String::from_utf8(data).ok()?));
    }
    Some(running[host].address.clone())
}

/// Runs what is within the user data: the script that fetches and serves.
fn start(id: &str, user_data: &str) -> Machine {
    let script = between(user_data, "<<'SKYFORM'\n", "\nSKYFORM\n").expect("the script");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("serve"), script).expect("written");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_skyform"));
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command.arg("serve").current_dir(folder.path());
    command.env("PATH", format!("{}:{path}", program.parent().expect("a folder").display()));
    // The role of the machine, and an address of this one.
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("SKYFORM_LISTEN", "127.0.0.1:0");
    let log = std::fs::File::create(folder.path().join("log")).expect("a log");
    let mut server = command.stdout(Stdio::piped()).stderr(log).spawn().expect("a shell");
    let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
    let url = lines.find_map(|line| line.ok()?.strip_prefix("http://").map(str::to_owned));
    let log = || std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
    let address = url.unwrap_or_else(|| panic!("it does not serve: {}", log()));
    Machine { id: id.to_owned(), server, address, _folder: folder }
}

#[test]
fn an_endpoint_on_machines_is_made_judged_changed_and_ended() {
    let Some(played) = Played::new() else { return };
    let plan = played.good(&["plan"]);
    assert!(plan.contains("serves on 2 machines in aws"), "{plan}");
    played.good(&["apply", "-auto-approve"]);
    assert_eq!(played.account.running(), 2);
    let rows = played.good(&["output", "rows"]);
    assert!(rows.trim().parse::<u64>().is_ok_and(|rows| rows > 100), "{rows}");
    let urls: Vec<String> =
        serde_json::from_str(&played.good(&["output", "-json", "urls"])).expect("JSON");
    assert!(urls.len() == 2 && urls.iter().all(|url| url.ends_with(":8080")), "{urls:?}");
    let settled = played.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(settled.code, 0, "{}{}", settled.stdout, settled.stderr);

    // A server that died is drift, and its machine is replaced.
    let first = urls[0].trim_start_matches("http://").to_owned();
    {
        let mut running = played.running.lock().expect("whole");
        let machine = running.get_mut(&first).expect("it was asked");
        machine.server.kill().expect("it runs");
    }
    let plan = played.good(&["plan"]);
    assert!(plan.contains("endpoint.fraud will be updated in place"), "{plan}");
    played.good(&["apply", "-auto-approve"]);
    let now = played.good(&["output", "-json", "urls"]);
    assert!(!now.contains(&urls[0]) && now.contains(&urls[1]), "{now}");
    assert_eq!(played.account.running(), 2);

    played.good(&["apply", "-auto-approve", "-var", "replicas=1"]);
    assert_eq!(played.account.running(), 1);
    let destroyed = played.good(&["destroy", "-auto-approve"]);
    assert!(destroyed.contains("destroyed"), "{destroyed}");
    assert_eq!(played.account.running(), 0);
    assert!(!played.account.has_bucket("data"));
}

#[test]
fn machines_of_a_killed_apply_are_found_by_their_tags() {
    let mut kills = 0;
    for round in 0..2 {
        let Some(played) = Played::new() else { return };
        let mut command = played.command(&["apply", "-auto-approve"]);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        kills += kill_when(&mut child, || match round {
            0 => played.account.running() > 0,
            _ => !played.running.lock().expect("whole").is_empty(),
        });
        let before = played.account.running();
        let again = played.good(&["apply", "-auto-approve"]);
        assert_eq!(played.account.running(), 2, "round {round}, {before} before: {again}");
        assert_eq!(played.run(&["plan", "-detailed-exitcode"]).code, 0, "round {round}");
        played.good(&["destroy", "-auto-approve"]);
        assert_eq!(played.account.running(), 0, "round {round}: nothing is left behind");
    }
    assert!(kills > 0, "no kill says nothing");
}

#[test]
fn what_is_missing_is_said_at_its_line() {
    let Some(played) = Played::new() else { return };
    for (without, summary, line) in [
        ("  image           = ", "Endpoint needs an image", "main.hcl:"),
        ("  role            = ", "Endpoint needs a role", "main.hcl:"),
        ("  security_groups = ", "Endpoint needs security groups", "main.hcl:"),
    ] {
        let text = SERVED.replace(without, "  # ");
        assert_ne!(text, SERVED, "{without}");
        played.account.stack.write("main.hcl", &text);
        let told = played.run(&["plan"]);
        assert_eq!(told.code, 1, "{}", told.stdout);
        for part in [summary, line, "endpoint \"fraud\""] {
            assert!(told.stderr.contains(part), "{part} in {}", told.stderr);
        }
    }
    let other = SERVED.replace("\"c7i.large\"", "\"ml.m5.large\"");
    played.account.stack.write("main.hcl", &other);
    let told = played.run(&["plan"]);
    let line = SERVED.lines().position(|line| line.contains("c7i.large")).expect("it is") + 1;
    for part in ["Unknown type of machine", &format!("main.hcl:{line}")] {
        assert!(told.stderr.contains(part), "{part} in {}", told.stderr);
    }
}

/// The emulator itself is never asked through the proxy.
#[test]
fn the_proxy_leads_nowhere_for_machines_that_are_not_there() {
    let Some(server): Option<Server> = skyform_emulators::moto() else { return };
    assert_eq!(lead(server.url(), &Running::default(), "10.1.2.3:8080"), None);
}

//! Buckets and machines of Amazon Web Services, on an emulator: planned, made, lost, found again.

use std::process::{Command, Stdio};

use skyform_emulators::{Fault, Faulty, Server};

use crate::stack::{Said, Stack, kill_when, project, said};

const STACK: &str = r#"
variable "url" {}

variable "size" {
  default = 2
}

cloud "aws" {
  region   = "eu-central-1"
  endpoint = var.url
}

bucket "data" {
  cloud         = cloud.aws
  versioning    = true
  force_destroy = true
  tags          = { team = "fraud" }

  lifecycle_rule {
    name        = "old"
    prefix      = "logs/"
    expire_days = 30
  }
}

dataset "claims" {
  source      = "claims.csv"
  destination = "${bucket.data.url}/claims/"
}

machines "workers" {
  cloud = cloud.aws
  image = "ami-12c6146b"
  type  = "t3.small"
  size  = var.size
}

output "url" {
  value = bucket.data.url
}

output "ids" {
  value = machines.workers.ids
}
"#;

pub(crate) struct Account {
    pub(crate) stack: Stack,
    pub(crate) server: Server,
}

impl Account {
    pub(crate) fn new(text: &str) -> Option<Self> {
        let server = skyform_emulators::moto()?;
        let stack = Stack::new(&[("main.hcl", text), ("claims.csv", "a,b\n1,2\n")]);
        Some(Self { stack, server })
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.stack.command(arguments);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("TF_VAR_url", self.server.url());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().expect("the program runs"))
    }

    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.stdout, said.stderr);
        said.stdout
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.run(&["plan", "-detailed-exitcode"]).code == 0
    }

    /// Asks the emulator's EC2 as anybody could.
    pub(crate) fn ec2(&self, query: &str) -> String {
        let url = format!("{}/?Version=2016-11-15&{query}", self.server.url());
        let request = ureq::post(&url).header("Authorization", key("ec2"));
        let mut answer = request.send_empty().expect("an answer");
        answer.body_mut().read_to_string().expect("text")
    }

    /// How many machines run, whoever knows of them.
    pub(crate) fn running(&self) -> usize {
        self.ec2("Action=DescribeInstances").matches("<name>running</name>").count()
    }

    pub(crate) fn has_bucket(&self, name: &str) -> bool {
        ureq::head(format!("{}/{name}", self.server.url())).call().is_ok()
    }
}

/// What the emulator takes for a signature.
pub(crate) fn key(service: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/{service}/aws4_request")
}

#[test]
fn a_stack_is_made_changed_and_ended() {
    let Some(account) = Account::new(STACK) else { return };
    let plan = account.good(&["plan"]);
    assert!(plan.contains("3 to add, 0 to change, 0 to destroy"), "{plan}");
    assert!(plan.contains("starts 2 machines"), "{plan}");
    account.good(&["apply", "-auto-approve"]);
    assert_eq!(account.good(&["output", "-raw", "url"]), "s3://data");
    assert_eq!(account.running(), 2);
    assert!(account.is_settled(), "{}", account.run(&["plan"]).stdout);
    let object = format!("{}/data/claims/claims.csv", account.server.url());
    let stored = ureq::get(&object).header("Authorization", key("s3"));
    let mut stored = stored.call().expect("it is stored");
    assert_eq!(stored.body_mut().read_to_string().expect("text"), "a,b\n1,2\n");

    let grown = account.good(&["apply", "-auto-approve", "-var", "size=3"]);
    assert!(grown.contains("0 added, 1 changed, 0 destroyed"), "{grown}");
    assert_eq!(account.running(), 3);
    account.good(&["state", "rm", "bucket.data"]);
    account.good(&["import", "-var", "size=3", "bucket.data", "s3://data"]);
    let told = account.good(&["apply", "-auto-approve", "-var", "size=3"]);
    assert!(told.contains("0 added, 1 changed, 0 destroyed"), "force_destroy only: {told}");
    account.good(&["destroy", "-auto-approve"]);
    assert_eq!(account.running(), 0);
    assert!(!account.has_bucket("data"));
}

#[test]
fn machines_ended_by_hand_are_replaced() {
    let Some(account) = Account::new(STACK) else { return };
    account.good(&["apply", "-auto-approve", "-target=machines.workers"]);
    let ids: Vec<String> =
        serde_json::from_str(&account.good(&["output", "-json", "ids"])).expect("JSON");
    account.ec2(&format!("Action=TerminateInstances&InstanceId.1={}", ids[0]));
    let plan = account.good(&["plan", "-target=machines.workers"]);
    assert!(plan.contains("starts 1 machine"), "{plan}");
    account.good(&["apply", "-auto-approve", "-target=machines.workers"]);
    assert_eq!(account.running(), 2);
    assert!(account.good(&["output", "-json", "ids"]).contains(&ids[1]));
}

#[test]
fn machines_and_buckets_of_a_run_that_was_killed_are_all_known() {
    let text = STACK.replace("force_destroy = true\n", "force_destroy = true\n  count = 3\n");
    let text = text.replace("bucket.data.url", "bucket.data[0].url");
    let (mut kills, mut found) = (0, 0);
    for round in 0..4 {
        let Some(account) = Account::new(&text) else { return };
        let mut command = account.command(&["apply", "-auto-approve"]);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
        kills += kill_when(&mut child, || match round {
            0 | 1 => account.running() > 0,
            _ => account.has_bucket(&format!("data-{}", round - 2)),
        });
        found += account.running();
        account.good(&["apply", "-auto-approve"]);
        assert_eq!(account.running(), 2, "round {round}: none is forgotten, none made twice");
        assert!(account.is_settled(), "round {round}");
        account.good(&["destroy", "-auto-approve"]);
        assert_eq!(account.running(), 0, "round {round}: nothing is left behind");
        for at in 0..3 {
            assert!(!account.has_bucket(&format!("data-{at}")), "round {round}");
        }
    }
    assert!(kills > 0 && found > 0, "{kills} kills, {found} machines before, say nothing");
}

#[test]
fn who_has_no_credentials_is_told_so() {
    let Some(account) = Account::new(STACK) else { return };
    let mut command = account.command(&["apply", "-auto-approve", "-target=bucket.data"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let told = said(&command.output().expect("the program runs"));
    assert_eq!(told.code, 1);
    for part in ["No credentials", "AWS_ACCESS_KEY_ID", "main.hcl:13"] {
        assert!(told.stderr.contains(part), "{part} in {}", told.stderr);
    }
}

#[test]
fn what_a_store_lacks_is_said_at_its_line() {
    let text = "cloud \"oss\" {\n  driver = \"alibaba\"\n  region = \"cn-hangzhou\"\n}\n\
                bucket \"data\" {\n  cloud      = cloud.oss\n  versioning = true\n}\n";
    let stack = Stack::new(&[("main.hcl", text)]);
    let told = stack.bad(&["plan"]);
    for part in ["does not have versioning", "main.hcl:7", "Alibaba Cloud OSS offers"] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

const TWO: &str = r#"
variable "east" {}
variable "west" {}

cloud "east" {
  driver   = "s3"
  endpoint = var.east
}

cloud "west" {
  driver   = "s3"
  endpoint = var.west
}

bucket "east" {
  cloud         = cloud.east
  name          = "east-data"
  force_destroy = true
}

bucket "west" {
  cloud         = cloud.west
  name          = "west-data"
  force_destroy = true
}

dataset "claims" {
  source      = "claims.csv"
  destination = "${bucket.west.url}/claims/"
}
"#;

/// The program on two stores of the same protocol.
fn on_two(stack: &Stack, east: &str, west: &str, arguments: &[&str]) -> Said {
    let mut command = stack.command(arguments);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("TF_VAR_east", east).env("TF_VAR_west", west);
    said(&command.output().expect("the program runs"))
}

#[test]
fn a_bucket_is_looked_for_in_the_store_that_has_it() {
    let Some(east) = skyform_emulators::moto() else { return };
    let Some(west) = skyform_emulators::moto() else { return };
    let stack = Stack::new(&[("main.hcl", TWO), ("claims.csv", "a,b\n1,2\n")]);
    let run = |arguments: &[&str]| on_two(&stack, east.url(), west.url(), arguments);
    let made = run(&["apply", "-auto-approve"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let object = format!("{}/west-data/claims/claims.csv", west.url());
    ureq::get(&object).header("Authorization", key("s3")).call().expect("it is in the west");
    assert_eq!(run(&["plan", "-detailed-exitcode"]).code, 0);
    // So is one that is taken over by its URL.
    assert_eq!(run(&["state", "rm", "bucket.west"]).code, 0);
    let taken = run(&["import", "bucket.west", "s3://west-data"]);
    assert_eq!(taken.code, 0, "{}{}", taken.stdout, taken.stderr);
    let plan = run(&["plan"]);
    assert!(
        plan.stdout.contains("0 to add") && plan.stdout.contains("0 to destroy"),
        "{}",
        plan.stdout
    );
}

#[test]
fn where_one_of_many_is_denied_the_others_are_made() {
    let text = STACK.replace("force_destroy = true\n", "force_destroy = true\n  count = 3\n");
    let text = text.replace("bucket.data.url", "bucket.data[0].url");
    let Some(account) = Account::new(&text) else { return };
    let denied = Faulty::before(&account.server, |asked| {
        let is_it = asked.method == "PUT" && asked.path.starts_with("/data-1");
        is_it.then(|| Fault::error(403, "AccessDenied"))
    });
    let through = |arguments: &[&str]| {
        let mut command = account.command(arguments);
        command.env("TF_VAR_url", denied.url());
        said(&command.output().expect("the program runs"))
    };
    let told = through(&["apply", "-auto-approve"]);
    assert_eq!(told.code, 1);
    for part in ["Access denied", "as asked for (AccessDenied)", "bucket.data[1]"] {
        assert!(told.stderr.contains(part), "{part} in {}", told.stderr);
    }
    assert!(account.has_bucket("data-0") && account.has_bucket("data-2"));
    assert!(!account.has_bucket("data-1"));
    assert_eq!(account.running(), 2);
    // The bucket, and the dataset, which waits for all of them.
    let left = through(&["plan"]);
    assert!(left.stdout.contains("2 to add, 0 to change, 0 to destroy"), "{}", left.stdout);
}

const SERVED: &str = r#"
variable "url" {}

cloud "aws" {
  region   = "eu-central-1"
  endpoint = var.url
}

bucket "models" {
  cloud         = cloud.aws
  force_destroy = true
}

model "fraud" {
  source = "model.onnx"
  bucket = bucket.models
}

endpoint "fraud" {
  cloud    = cloud.aws
  offer    = "ml.m5.large"
  model    = model.fraud
  replicas = 2
  image    = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serve:1"
  role     = "arn:aws:iam::123456789012:role/serve"

  autoscaling {
    min                 = 1
    max                 = 4
    requests_per_minute = 600
  }
}

output "url" {
  value = endpoint.fraud.url
}
"#;

#[test]
fn a_model_is_served_by_sagemaker() {
    let Some(account) = Account::new(SERVED) else { return };
    let root = project();
    std::fs::copy(
        root.join("testdata/models/scaled.onnx"),
        account.stack.path().join("model.onnx"),
    )
    .expect("a model");
    let missing = SERVED.replace("  image    = ", "  # image = ");
    account.stack.write("main.hcl", &missing);
    let told = account.run(&["plan"]);
    assert!(told.stderr.contains("Endpoint needs an image"), "{}", told.stderr);
    account.stack.write("main.hcl", SERVED);
    account.good(&["apply", "-auto-approve"]);
    let url = account.good(&["output", "-raw", "url"]);
    assert!(url.ends_with("/endpoints/fraud"), "{url}");
    assert!(account.is_settled(), "{}", account.run(&["plan"]).stdout);
    account.good(&["destroy", "-auto-approve"]);
    assert_eq!(account.good(&["state", "list"]), "");
    assert!(!account.has_bucket("models"));
}

const JUDGED: &str = r#"
variable "url" {}
variable "runtime" {}

variable "weight" {
  default = 1
}

cloud "aws" {
  region    = "eu-central-1"
  endpoints = {
    s3                      = var.url
    sagemaker               = var.url
    application-autoscaling = var.url
    sagemaker-runtime       = var.runtime
  }
}

bucket "models" {
  cloud         = cloud.aws
  force_destroy = true
}

model "fraud" {
  source = "fraud.onnx"
  bucket = bucket.models
}

dataset "claims" {
  source      = "claims.csv"
  destination = "${bucket.models.url}/claims/"

  clean {
    drop_nulls = ["label"]
    cast       = { amount = "float64" }
  }
}

endpoint "fraud" {
  cloud = cloud.aws
  offer = "ml.m5.large"
  model = model.fraud
  image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serve:1"
  role  = "arn:aws:iam::123456789012:role/serve"

  variant "next" {
    model  = model.fraud
    weight = var.weight

    autoscaling {
      min                 = 1
      max                 = 2
      requests_per_minute = 600
    }
  }
}

evaluation "fraud" {
  endpoint = endpoint.fraud
  dataset  = dataset.claims
  label    = "label"

  require {
    metric   = "f1"
    at_least = 0.8
  }
}

output "f1" {
  value = evaluation.fraud.results.f1
}
"#;

/// The container, which the service would run: the program as SageMaker starts it.
struct Container {
    server: std::process::Child,
    url: String,
}

impl Container {
    fn start(stack: &Stack) -> Self {
        let mut command = stack.command(&["serve"]);
        command.env("SKYFORM_MODEL", stack.path().join("fraud.onnx"));
        command.env("SKYFORM_MODEL_NAME", "fraud").env("SKYFORM_LISTEN", "127.0.0.1:0");
        let mut server = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let stdout = std::io::BufReader::new(server.stdout.take().expect("piped"));
        let url = std::io::BufRead::lines(stdout).next().expect("a line").expect("readable");
        Self { server, url }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn an_endpoint_of_sagemaker_is_judged_by_signed_requests() {
    let Some(account) = Account::new(JUDGED) else { return };
    for (from, to) in [("model/fraud.onnx", "fraud.onnx"), ("data/claims.csv", "claims.csv")] {
        let from = project().join("testdata/fraud").join(from);
        std::fs::copy(from, account.stack.path().join(to)).expect("copied");
    }
    let container = Container::start(&account.stack);
    let url = format!("{}/invocations", container.url);
    let runtime = Faulty::before(&account.server, move |asked| {
        let is_signed = asked.head.contains("/eu-central-1/sagemaker/aws4_request, SignedHeaders=");
        if asked.path != "/endpoints/fraud/invocations" || !is_signed {
            return Some(Fault::error(403, "AccessDenied"));
        }
        let describes = asked.head.to_ascii_lowercase().contains(": skyform-describe");
        let mut request = ureq::post(&url).content_type("application/json");
        if describes {
            request = request.header("X-Amzn-SageMaker-Custom-Attributes", "skyform-describe");
        }
        let mut answer = request.send(&asked.body[..]).expect("the container answers");
        let body = answer.body_mut().read_to_string().expect("text");
        Some(Fault::Answer { status: 200, headers: Vec::new(), body })
    });
    let run = |arguments: &[&str]| {
        let mut command = account.command(arguments);
        said(&command.env("TF_VAR_runtime", runtime.url()).output().expect("the program runs"))
    };
    let made = run(&["apply", "-auto-approve"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let f1: f64 = run(&["output", "f1"]).stdout.trim().parse().expect("a number");
    assert!(f1 > 0.8, "{f1}");
    let settled = run(&["plan", "-detailed-exitcode"]);
    assert_eq!(settled.code, 0, "{}", settled.stdout);

    let changed = run(&["apply", "-auto-approve", "-var", "weight=3"]);
    assert!(changed.stdout.contains("0 added, 1 changed, 0 destroyed"), "{}", changed.stdout);
    let back = run(&["plan"]);
    assert!(back.stdout.contains("weight"), "{}", back.stdout);
    let wrong = run(&["plan", "-var", "weight=1001"]);
    assert!(wrong.stderr.contains("Invalid weight"), "{}", wrong.stderr);
    let ended = run(&["destroy", "-auto-approve"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

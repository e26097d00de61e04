//! A model that moves from one cloud to another, each on its own server: the artifact is there before the
//! new endpoint, and the old one serves until that is judged, whatever dies on the way.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use skyform_emulators::{AZURITE_ACCOUNT, AZURITE_KEY};

use crate::clouds::Clouds;
use crate::placement::of_guide;
use crate::stack::{kill_when, project, said};

const MAIN: &str = r#"
variable "gcp" {
  default = 10 # USD a month for being there
}

variable "at_least" {
  default = 0.8
}

cloud "gcp" {
  endpoint        = "GCP"
  activation_cost = var.gcp
  serve_here      = true

  offer "cpu" {
    price    = 0.01
    provides = { vcpu = 2 }
  }
}

cloud "azure" {
  account         = "devstoreaccount1"
  endpoint        = "AZURE"
  activation_cost = 50
  serve_here      = true

  offer "cpu" {
    price    = 0.01
    provides = { vcpu = 2 }
  }
}

task "fraud" {
  demand     = 10
  throughput = 10
  requires   = { vcpu = 2 }
}

placement "main" {}

bucket "data" {
  cloud = cloud.azure
  name  = "claims"
}

dataset "claims" {
  source      = "./claims.csv"
  destination = "${bucket.data.url}/clean/"

  clean {
    drop_nulls  = ["label"]
    deduplicate = ["id"]
    cast        = { amount = "float64" }
    format      = "parquet"
  }
}

bucket "models" {
  cloud = cloud.gcp
  name  = "fraud-models"
}

model "fraud" {
  source = "./fraud.onnx"
  bucket = bucket.models
}

endpoint "fraud" {
  for_each = placement.main.assignments.fraud

  cloud    = each.value.cloud
  offer    = each.value.offer
  replicas = each.value.units
  model    = model.fraud
}

evaluation "fraud" {
  for_each = endpoint.fraud

  endpoint = each.value
  dataset  = dataset.claims.manifest
  label    = "label"

  require {
    metric   = "f1"
    at_least = each.key == "azure/cpu" ? var.at_least : 0.8
  }
}

output "urls" {
  value = { for where, endpoint in endpoint.fraud : where => endpoint.model_url }
}
"#;

/// Makes Google Cloud so dear that the task leaves it.
const DEAR: &str = "gcp=90";

fn moving() -> Option<Clouds> {
    moving_of(MAIN)
}

fn moving_of(main: &str) -> Option<Clouds> {
    let clouds = Clouds::new(&[("main.hcl", main)])?;
    let data = project().join("testdata/fraud");
    for file in ["data/claims.csv", "model/fraud.onnx"] {
        let name = Path::new(file).file_name().expect("a name");
        std::fs::copy(data.join(file), clouds.stack.path().join(name)).expect("copied");
    }
    Some(clouds)
}

impl Clouds {
    /// Clouds whose servers run now, by the processes.
    fn serving(&self) -> Vec<&'static str> {
        let folder = self.stack.path().canonicalize().expect("it is there");
        let of = |cloud: &str| format!("-model={}/.skyform/local/{cloud}/", folder.display());
        let runs = |cloud: &&str| {
            let start = of(cloud);
            std::fs::read_dir("/proc").into_iter().flatten().flatten().any(|entry| {
                let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                line.split(|byte| *byte == 0).any(|word| word.starts_with(start.as_bytes()))
            })
        };
        ["azure", "gcp"].into_iter().filter(runs).collect()
    }

    /// Where endpoints are that are told to everyone, by place.
    fn urls(&self) -> BTreeMap<String, String> {
        let urls: Value =
            serde_json::from_str(&self.good(&["output", "-json", "urls"])).expect("JSON");
        let urls = urls.as_object().into_iter().flatten();
        urls.filter_map(|(place, url)| Some((place.clone(), url.as_str()?.to_owned()))).collect()
    }

    /// The places of those that answer.
    fn answering(&self) -> Vec<String> {
        let good = self.urls().into_iter().filter(|(_, url)| answers(url));
        good.map(|(place, _)| place).collect()
    }

    /// Whether Azurite has a container of that name.
    fn has_container(&self, name: &str) -> bool {
        let text = MAIN.replace("bucket \"data\" {", &format!("import {{\n  to = bucket.probe\n  id = \"{}/{name}\"\n}}\n\nbucket \"probe\" {{\n  cloud = cloud.azure\n  name = \"{name}\"\n}}\n\nbucket \"data\" {{", self.azure.url()));
        let main = self.stack.read("main.hcl");
        self.write("main.hcl", &text);
        let planned = self.run(&["plan", "-target=bucket.probe"]);
        self.stack.write("main.hcl", &main);
        planned.code == 0
    }
}

impl Drop for Clouds {
    fn drop(&mut self) {
        // What still serves when a test fails is ended.
        if self.stack.path().join("terraform.tfstate").exists() {
            let _ = self.run(&["destroy", "-auto-approve"]);
        }
    }
}

fn answers(url: &str) -> bool {
    let data = vec![0.5; 29];
    let input = json!({"name": "input", "shape": [1, 29], "datatype": "FP32", "data": data});
    let body = json!({ "inputs": [input] }).to_string();
    ureq::post(format!("{url}/infer")).content_type("application/json").send(&body).is_ok()
}

#[test]
fn a_model_moves_to_another_cloud_and_back() {
    let Some(clouds) = moving() else { return };
    clouds.good(&["apply", "-auto-approve"]);
    assert_eq!((clouds.serving(), clouds.answering()), (vec!["gcp"], vec!["gcp/cpu".to_owned()]));
    assert!(!clouds.has_container("staging-fraud-azure-cpu"));
    let plan = clouds.good(&["plan", "-var", DEAR]);
    for part in [
        "endpoint.fraud[\"azure/cpu\"] will be created",
        "under 0.01 USD of egress) from gcp to azure",
        "starts a server with 1 replica in azure",
        "endpoint.fraud[\"gcp/cpu\"] will be destroyed",
    ] {
        assert!(plan.contains(part), "{part} in {plan}");
    }
    let applied = clouds.good(&["apply", "-auto-approve", "-var", DEAR]);
    let line = |text: &str| {
        let found = applied.lines().position(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("{text} in {applied}"))
    };
    let judged = line("evaluation.fraud[\"azure/cpu\"]: Creation complete");
    assert!(judged < line("endpoint.fraud[\"gcp/cpu\"]: Destroying"), "{applied}");
    assert_eq!(
        (clouds.serving(), clouds.answering()),
        (vec!["azure"], vec!["azure/cpu".to_owned()])
    );
    assert!(clouds.has_container("staging-fraud-azure-cpu"));
    assert_eq!(clouds.run(&["plan", "-detailed-exitcode", "-var", DEAR]).code, 0);
    clouds.good(&["apply", "-auto-approve"]);
    assert_eq!((clouds.serving(), clouds.answering()), (vec!["gcp"], vec!["gcp/cpu".to_owned()]));
    assert!(
        !clouds.has_container("staging-fraud-azure-cpu"),
        "what was staged goes with the endpoint"
    );
    clouds.good(&["destroy", "-auto-approve"]);
    assert_eq!(clouds.serving(), [""; 0]);
    assert_eq!(clouds.gcp_bucket("fraud-models"), None);
}

#[test]
fn a_model_moves_from_amazon_to_azure() {
    let Some(clouds) = moving_of(&MAIN.replace(
        "  endpoint        = \"GCP\"",
        "  driver = \"aws\"\n  region = \"eu-central-1\"\n  endpoint = \"AWS\"",
    )) else {
        return;
    };
    clouds.good(&["apply", "-auto-approve"]);
    assert!(clouds.stack.read("terraform.tfstate").contains("s3://fraud-models/fraud/"));
    assert_eq!((clouds.serving(), clouds.answering()), (vec!["gcp"], vec!["gcp/cpu".to_owned()]));
    clouds.good(&["apply", "-auto-approve", "-var", DEAR]);
    assert_eq!(
        (clouds.serving(), clouds.answering()),
        (vec!["azure"], vec!["azure/cpu".to_owned()])
    );
    assert_eq!(clouds.run(&["plan", "-detailed-exitcode", "-var", DEAR]).code, 0);
    clouds.good(&["destroy", "-auto-approve"]);
    assert_eq!(clouds.serving(), [""; 0]);
}

#[test]
fn the_guide_to_two_clouds_works() {
    let guide = include_str!("../../docs/guides/two-clouds.md");
    let Some(clouds) = moving_of(&of_guide(guide)) else { return };
    let run = |arguments: &[&str]| {
        let connection = format!(
            "AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY};BlobEndpoint={}",
            clouds.azure.url()
        );
        let mut command = clouds.command(&[arguments, &["-var", "prefix=acme"]].concat());
        command.env_remove("AZURE_STORAGE_KEY").env_remove("AZURE_STORAGE_ACCOUNT");
        command.env("AZURE_STORAGE_CONNECTION_STRING", connection);
        command.env("STORAGE_EMULATOR_HOST", clouds.gcp.url());
        let said = said(&command.output().expect("it runs"));
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.stdout, said.stderr);
        said.stdout
    };
    run(&["apply", "-auto-approve"]);
    assert_eq!(clouds.answering(), ["gcp/small"]);
    let dear = ["-var", "price_in_gcp=0.05"];
    let plan = run(&[&["plan"], dear.as_slice()].concat());
    let shown = guide.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    for line in shown.expect("what the plan shows").lines() {
        assert!(plan.contains(line.trim()), "{line} in {plan}");
    }
    assert!(plan.contains("endpoint.fraud[\"gcp/small\"] will be destroyed"), "{plan}");
    run(&[&["apply", "-auto-approve"], dear.as_slice()].concat());
    assert_eq!(clouds.answering(), ["azure/small"]);
    run(&["destroy", "-auto-approve"]);
    assert_eq!(clouds.serving(), [""; 0]);
    assert_eq!(clouds.gcp_bucket("acme-models"), None);
}

#[test]
fn a_named_bucket_takes_what_moves() {
    let Some(clouds) = moving() else { return };
    let own = MAIN
        .replace("activation_cost = 50", "activation_cost = 50\n  staging = \"claims\"")
        .replace(
            "model    = model.fraud\n",
            "model    = model.fraud\n\n  depends_on = [bucket.data]\n",
        );
    clouds.write("main.hcl", &own);
    clouds.good(&["apply", "-auto-approve", "-var", DEAR]);
    assert_eq!(
        (clouds.serving(), clouds.answering()),
        (vec!["azure"], vec!["azure/cpu".to_owned()])
    );
    let state = clouds.stack.read("terraform.tfstate");
    assert!(state.contains("/claims/staging/fraud-azure-cpu/fraud/"), "{state}");
    assert!(!clouds.has_container("staging-fraud-azure-cpu"));
    clouds.good(&["apply", "-auto-approve"]);
    // The bucket is the stack's, and goes only when it is empty: what was staged is gone.
    clouds.good(&["destroy", "-auto-approve"]);
    let missing = own.replace("staging = \"claims\"", "staging = \"nowhere\"");
    clouds.write("main.hcl", &missing);
    let said = clouds.run(&["apply", "-auto-approve", "-var", DEAR]);
    assert!(said.stderr.contains("No such staging bucket"), "{}", said.stderr);
    assert!(said.stderr.contains("main.hcl:72"), "{}", said.stderr);
}

#[test]
fn a_model_that_is_worse_there_does_not_move() {
    let Some(clouds) = moving() else { return };
    clouds.good(&["apply", "-auto-approve"]);
    let url = clouds.urls()["gcp/cpu"].clone();
    let said = clouds.run(&["apply", "-auto-approve", "-var", DEAR, "-var", "at_least=0.99"]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    assert!(said.stderr.contains("Requirement of an evaluation is not met"), "{}", said.stderr);
    assert!(answers(&url), "the old one serves");
    // Back where it was, without anything left over.
    clouds.good(&["apply", "-auto-approve"]);
    assert_eq!((clouds.serving(), clouds.answering()), (vec!["gcp"], vec!["gcp/cpu".to_owned()]));
}

/// Moves to and fro, each time killed a little later, until a move is not killed any more. After each
/// kill somebody serves, and the next run completes the move with nothing left over.
fn move_and_kill(clouds: &Clouds, is_due: impl Fn(u64, Instant) -> bool) -> u32 {
    clouds.good(&["apply", "-auto-approve"]);
    let mut kills = 0;
    for round in 0.. {
        let (from, to) = if round % 2 == 0 { ("gcp", "azure") } else { ("azure", "gcp") };
        let variables = if round % 2 == 0 { DEAR } else { "gcp=10" };
        let arguments = ["apply", "-auto-approve", "-var", variables];
        let mut command = clouds.command(&arguments);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        let began = Instant::now();
        let killed = kill_when(&mut child, || is_due(round, began));
        kills += killed;
        if !clouds.serving().contains(&from) {
            let known = clouds.good(&["state", "list"]);
            let judged = format!("evaluation.fraud[\"{to}/cpu\"]");
            assert!(known.contains(&judged), "round {round}: nobody serves but {to}: {known}");
        }
        clouds.good(&arguments);
        assert_eq!(clouds.serving(), [to], "round {round}");
        assert_eq!(clouds.answering(), [format!("{to}/cpu")], "round {round}");
        assert_eq!(clouds.has_container("staging-fraud-azure-cpu"), to == "azure", "round {round}");
        assert_eq!(clouds.run(&["plan", "-detailed-exitcode", "-var", variables]).code, 0);
        if killed == 0 {
            break;
        }
    }
    clouds.good(&["destroy", "-auto-approve"]);
    assert_eq!(clouds.serving(), [""; 0]);
    kills
}

#[test]
fn a_move_that_is_killed_at_any_record_goes_on() {
    let Some(clouds) = moving() else { return };
    let journal = clouds.stack.path().join("terraform.tfstate.journal");
    let written = || std::fs::metadata(&journal).map_or(0, |file| file.len());
    let kills = move_and_kill(&clouds, |round, _| written() > 400 * round);
    assert!(kills > 3, "{kills} kills say nothing");
}

#[test]
fn a_move_that_is_killed_at_any_time_goes_on() {
    let Some(clouds) = moving() else { return };
    // Copies, starts of servers and evaluations are cut off in their middle. Each time is a fourth later
    // than the one before, so that a quick machine is interrupted often and a slow one not for ever.
    let kills = move_and_kill(&clouds, |round, began| {
        let growth = 1.25_f64.powi(i32::try_from(round).unwrap_or(i32::MAX));
        began.elapsed() > Duration::from_millis(60).mul_f64(growth)
    });
    assert!(kills > 3, "{kills} kills say nothing");
}

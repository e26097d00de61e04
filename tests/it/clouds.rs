//! Stacks over several clouds at once, each on a server that speaks its protocol.

use skyform_emulators::{AZURITE_ACCOUNT, AZURITE_KEY, Gcs, Server, azurite, gcs, moto};

use crate::stack::{Said, Stack, said};

/// The servers, and a stack that is run with the credentials for them.
pub(crate) struct Clouds {
    pub(crate) stack: Stack,
    pub(crate) azure: Server,
    pub(crate) gcp: Gcs,
    /// Only where a stack needs it.
    aws: Option<Server>,
}

impl Clouds {
    /// The servers with a stack of these files, `AWS`, `AZURE` and `GCP` in them replaced by the servers' URLs;
    /// none where a server is not installed.
    pub(crate) fn new(files: &[(&str, &str)]) -> Option<Self> {
        let (azure, gcp) = (azurite()?, gcs()?);
        let is_needed = files.iter().any(|(_, text)| text.contains("\"AWS\""));
        let aws = if is_needed { Some(moto()?) } else { None };
        let clouds = Self { stack: Stack::new(&[]), azure, gcp, aws };
        for (name, text) in files {
            clouds.write(name, text);
        }
        Some(clouds)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let aws = self.aws.as_ref().map(Server::url).unwrap_or_default();
        let text = text.replace("\"AWS\"", &format!("{aws:?}"));
        let text = text.replace("\"AZURE\"", &format!("{:?}", self.azure.url()));
        self.stack.write(name, &text.replace("\"GCP\"", &format!("{:?}", self.gcp.url())));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.stack.command(arguments);
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if ["AZURE_", "GOOGLE_", "AWS_"].iter().any(|start| name_text.starts_with(start)) {
                command.env_remove(name);
            }
        }
        command.env("AZURE_STORAGE_ACCOUNT", AZURITE_ACCOUNT).env("AZURE_STORAGE_KEY", AZURITE_KEY);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
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

    /// What the storage API shows of a bucket of Google Cloud; none if there is none.
    pub(crate) fn gcp_bucket(&self, name: &str) -> Option<serde_json::Value> {
        let url = format!("{}/storage/v1/b/{name}", self.gcp.url());
        let mut answer = ureq::get(&url).call().ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }
}

const MAIN: &str = r#"
cloud "azure" {
  account  = "devstoreaccount1"
  endpoint = "AZURE"
}

cloud "gcp" {
  endpoint = "GCP"
  region   = "europe-west1"
}

cloud "here" {
  driver = "local"
}

bucket "raw" {
  cloud = cloud.azure
  name  = "claims-raw"
  tags  = { team = "fraud" }
}

bucket "clean" {
  cloud         = cloud.gcp
  name          = "claims-clean"
  versioning    = true
  force_destroy = true
}

bucket "copy" {
  cloud = cloud.here
}

dataset "raw" {
  source      = "./claims.csv"
  destination = "${bucket.raw.url}/2026/"
}

dataset "clean" {
  source      = dataset.raw
  destination = "${bucket.clean.url}/2026/"

  clean {
    drop_nulls  = ["label"]
    deduplicate = ["id"]
  }
}

dataset "copy" {
  source      = "${bucket.raw.url}/2026/claims.csv"
  destination = "${bucket.copy.url}/2026/"
  depends_on  = [dataset.raw]
}

output "rows" {
  value = dataset.clean.rows
}

output "raw" {
  value = dataset.raw.url
}
"#;

/// What the stack has in a third cloud.
const ARCHIVE: &str = r#"
cloud "aws" {
  region   = "eu-central-1"
  endpoint = "AWS"
}

bucket "archive" {
  cloud      = cloud.aws
  name       = "claims-archive"
  versioning = true

  force_destroy = true
}

dataset "archive" {
  source      = dataset.clean
  destination = "${bucket.archive.url}/2026/"
}
"#;

const CLAIMS: &str = "id,amount,label\n1,2.5,0\n2,,1\n2,3,1\n3,1,\n";

#[test]
fn one_stack_lives_in_several_clouds() {
    let files = [("main.hcl", MAIN), ("archive.hcl", ARCHIVE), ("claims.csv", CLAIMS)];
    let Some(clouds) = Clouds::new(&files) else { return };
    let plan = clouds.good(&["plan"]);
    assert!(plan.contains("8 to add, 0 to change, 0 to destroy"), "{plan}");
    clouds.good(&["apply", "-auto-approve"]);
    assert_eq!(clouds.good(&["output", "rows"]), "2\n");
    let raw = format!("{}/claims-raw/2026", clouds.azure.url());
    assert_eq!(clouds.good(&["output", "-raw", "raw"]), raw);
    let copied = ".skyform/local/here/buckets/copy/objects/2026/claims.csv";
    assert_eq!(clouds.stack.read(copied), CLAIMS);
    let state = clouds.stack.read("terraform.tfstate");
    assert!(state.contains("s3://claims-archive/2026"), "{state}");
    let bucket = clouds.gcp_bucket("claims-clean").expect("it is there");
    assert_eq!(bucket["location"], "EUROPE-WEST1");
    assert_eq!(bucket["iamConfiguration"]["publicAccessPrevention"], "enforced");
    assert_eq!(clouds.run(&["plan", "-detailed-exitcode"]).code, 0);
    // The state has no credentials in it.
    assert!(!clouds.stack.read("terraform.tfstate").contains(AZURITE_KEY));

    // Drift is seen: versioning turned off, a bucket with data gone.
    let url = format!("{}/storage/v1/b/claims-clean", clouds.gcp.url());
    let off = r#"{"versioning":{"enabled":false}}"#;
    ureq::patch(&url).content_type("application/json").send(off).expect("it answers");
    let plan = clouds.good(&["plan"]);
    assert!(plan.contains("bucket.clean will be updated in place"), "{plan}");
    assert!(plan.contains("versioning"), "{plan}");
    clouds.good(&["apply", "-auto-approve"]);
    let bucket = clouds.gcp_bucket("claims-clean").expect("it is there");
    assert_eq!(bucket["versioning"]["enabled"], true);

    // A bucket that is there is taken over by its URL.
    let raw = format!("{}/claims-raw", clouds.azure.url());
    for (address, url) in [("bucket.raw", raw.as_str()), ("bucket.clean", "gs://claims-clean")] {
        clouds.good(&["state", "rm", address]);
        clouds.good(&["import", address, url]);
    }
    let plan = clouds.good(&["plan"]);
    assert!(plan.contains("0 to add") && plan.contains("0 to destroy"), "{plan}");

    clouds.write("main.hcl", &MAIN.replace("{ team = \"fraud\" }", "{ team = \"risk\" }"));
    let applied = clouds.good(&["apply", "-auto-approve"]);
    assert!(applied.contains("0 added, 2 changed, 0 destroyed"), "{applied}");
    clouds.good(&["destroy", "-auto-approve"]);
    assert_eq!(clouds.gcp_bucket("claims-clean"), None);
    assert_eq!(clouds.good(&["state", "list"]), "");
}

#[test]
fn what_a_cloud_lacks_is_said_at_its_line() {
    let files = [("main.hcl", MAIN), ("claims.csv", CLAIMS)];
    let Some(clouds) = Clouds::new(&files) else { return };
    for (from, to, expected) in [
        ("tags  = {", "versioning = true\n  tags  = {", "main.hcl:19"),
        ("{ team = \"fraud\" }", "{ Team = \"fraud\" }", "main.hcl:19"),
        ("versioning    = true", "tags = { Team = \"x\" }", "main.hcl:25"),
        ("\"claims-raw\"", "\"Claims\"", "main.hcl:16"),
    ] {
        assert!(MAIN.contains(from), "{from}");
        clouds.write("main.hcl", &MAIN.replace(from, to));
        let Said { code, stdout, stderr } = clouds.run(&["apply", "-auto-approve"]);
        assert_eq!(code, 1, "{to}: {stdout}");
        assert!(stderr.contains(expected), "{to}: {expected} in {stderr}");
        clouds.good(&["destroy", "-auto-approve"]);
    }
}

#[test]
fn wrong_credentials_are_told_and_the_others_finish() {
    let files = [("main.hcl", MAIN), ("claims.csv", CLAIMS)];
    let Some(clouds) = Clouds::new(&files) else { return };
    let mut command = clouds.command(&["apply", "-auto-approve"]);
    let Said { code, stdout, stderr } =
        said(&command.env("AZURE_STORAGE_KEY", "d3Jvbmc=").output().expect("it runs"));
    assert_eq!(code, 1, "{stdout}");
    for part in ["Access to Azure Storage is denied", "main.hcl:16", "AZURE_STORAGE_KEY"] {
        assert!(stderr.contains(part), "{part} in {stderr}");
    }
    assert!(!stderr.contains("d3Jvbmc="), "{stderr}");
    // What does not need it is there, and the rest follows with the right key.
    assert!(clouds.gcp_bucket("claims-clean").is_some(), "{stdout}");
    clouds.good(&["apply", "-auto-approve"]);
    assert_eq!(clouds.run(&["plan", "-detailed-exitcode"]).code, 0);

    // Without any key, over a connection that everyone can read, nothing is tried.
    let mut command = clouds.command(&["plan"]);
    let without = command.env_remove("AZURE_STORAGE_KEY").output().expect("it runs");
    let Said { code, stderr, .. } = said(&without);
    assert_eq!(code, 1);
    assert!(stderr.contains("No credentials for this endpoint"), "{stderr}");
    assert!(stderr.contains("main.hcl:"), "{stderr}");
    // A cloud's block that does not say enough.
    clouds.write("main.hcl", &MAIN.replace("  account  = \"devstoreaccount1\"\n", ""));
    let mut command = clouds.command(&["plan"]);
    let without = command.env_remove("AZURE_STORAGE_ACCOUNT").output().expect("it runs");
    let Said { stderr, .. } = said(&without);
    assert!(stderr.contains("Missing storage account"), "{stderr}");
}

#[test]
fn buckets_of_a_run_that_was_killed_are_found_by_their_token() {
    let text = r#"
cloud "azure" {
  account  = "devstoreaccount1"
  endpoint = "AZURE"
}

cloud "gcp" {
  endpoint = "GCP"
}

bucket "many" {
  count = 24
  cloud = count.index % 2 == 0 ? "azure" : "gcp"
}
"#;
    let Some(clouds) = Clouds::new(&[("main.hcl", text)]) else { return };
    let journal = clouds.stack.path().join("terraform.tfstate.journal");
    let written = || std::fs::metadata(&journal).map_or(0, |file| file.len());
    let mut kills = 0;
    for round in 0..4 {
        let mut child = clouds
            .command(&["apply", "-auto-approve", "-parallelism=4"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program runs");
        kills += crate::stack::kill_when(&mut child, || written() > 2500 + 3000 * round);
        // A bucket that was made and is not known would be in the way of the next run.
        clouds.good(&["apply", "-auto-approve"]);
        assert_eq!(clouds.run(&["plan", "-detailed-exitcode"]).code, 0, "round {round}");
        clouds.good(&["destroy", "-auto-approve"]);
        assert_eq!(clouds.gcp_bucket("many-1"), None);
    }
    assert!(kills > 1, "{kills} kills say nothing");
}

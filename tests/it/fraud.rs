//! The main job: data cleaned, a model stored, served on placed endpoints, and judged.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::stack::{Stack, kill_when, project};

/// A copy of the fraud stack; what still serves when a test ends is ended.
struct Fraud(Stack);

impl Fraud {
    fn new() -> Self {
        let stack = Stack::new(&[]);
        let project = project();
        for folder in ["testdata/fraud/data", "testdata/fraud/model", "modules/served-model"] {
            for entry in std::fs::read_dir(project.join(folder)).expect("it is there").flatten() {
                if entry.path().is_file() {
                    let to = stack.path().join(folder).join(entry.file_name());
                    std::fs::create_dir_all(to.parent().expect("it has one")).expect("made");
                    std::fs::copy(entry.path(), to).expect("copied");
                }
            }
        }
        let main = std::fs::read_to_string(project.join("testdata/fraud/main.hcl"));
        stack.write("testdata/fraud/main.hcl", &main.expect("it is there"));
        Self(stack)
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("testdata/fraud")
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.0.read("testdata/fraud/main.hcl");
        assert!(text.contains(from), "{from}");
        self.0.write("testdata/fraud/main.hcl", &text.replace(from, to));
    }

    fn arguments<'a>(rest: &[&'a str]) -> Vec<&'a str> {
        [&["-chdir=testdata/fraud"], rest].concat()
    }

    fn good(&self, arguments: &[&str]) -> String {
        self.0.good(&Self::arguments(arguments))
    }

    fn bad(&self, arguments: &[&str]) -> (String, String) {
        let said = self.0.run(&Self::arguments(arguments));
        assert_eq!(said.code, 1, "{arguments:?}: {}{}", said.stdout, said.stderr);
        (said.stdout, said.stderr)
    }

    fn code(&self, arguments: &[&str]) -> i32 {
        self.0.run(&Self::arguments(arguments)).code
    }

    fn output(&self, name: &str) -> Value {
        serde_json::from_str(&self.good(&["output", "-json", name])).expect("JSON")
    }

    /// Process numbers of the servers that run, by endpoint.
    fn servers(&self) -> Vec<(String, i32)> {
        let mut found = Vec::new();
        for cloud in ["east", "west", "south"] {
            let folder = self.folder().join(".skyform/local").join(cloud).join("endpoints");
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path().join("endpoint.json");
                // A run may have been killed just before it was written; nothing is started before.
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                let file: Value = serde_json::from_str(&text).expect("JSON");
                let instance = format!("-instance={}", file["instance"].as_str().expect("text"));
                let name = format!("{cloud}/{}", entry.file_name().to_string_lossy());
                let found_now = processes(|argument| argument == instance.as_bytes());
                found.extend(found_now.into_iter().map(|pid| (name.clone(), pid)));
            }
        }
        found.sort();
        found
    }
}

impl Fraud {
    /// Process numbers of everything that serves out of this folder, known or not.
    fn all_servers(&self) -> Vec<i32> {
        let folder = self.folder().canonicalize().expect("it is there");
        let model = format!("-model={}", folder.display());
        processes(|argument| argument.starts_with(model.as_bytes()))
    }
}

impl Drop for Fraud {
    fn drop(&mut self) {
        let _ = self.0.run(&Self::arguments(&["destroy", "-auto-approve"]));
    }
}

fn processes(has: impl Fn(&[u8]) -> bool) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(&has)
    })
    .collect()
}

fn get(url: &str) -> String {
    let mut answer = ureq::get(url).call().expect("an answer");
    answer.body_mut().read_to_string().expect("text")
}

fn post(url: &str, body: &Value) -> Value {
    let text = body.to_string();
    let mut answer =
        ureq::post(url).content_type("application/json").send(&text).expect("an answer");
    let text = answer.body_mut().read_to_string().expect("text");
    serde_json::from_str(&text).expect("JSON")
}

fn expected() -> Value {
    let path = project().join("testdata/fraud/training/expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON")
}

fn close(left: &Value, right: &Value, tolerance: f64) -> bool {
    let (left, right) = (left.as_f64().expect("a number"), right.as_f64().expect("a number"));
    (left - right).abs() <= tolerance
}

#[test]
fn the_fraud_stack_is_placed_served_and_judged() {
    let fraud = Fraud::new();
    let plan = fraud.good(&["plan"]);
    for part in ["169.10 USD a month", "copies", "stores ./model/fraud.onnx (onnx", "2 replicas"] {
        assert!(plan.contains(part), "{part} in {plan}");
    }
    fraud.good(&["apply", "-auto-approve"]);
    assert_eq!(fraud.code(&["plan", "-detailed-exitcode"]), 0);
    let urls = fraud.output("model_urls");
    let (east, west) = (&urls["east/cpu.small"], &urls["west/cpu.small"]);
    let model = &expected()["models"]["fraud"];
    for url in [east, west].map(|url| url.as_str().expect("a URL")) {
        for example in model["examples"].as_array().expect("a list") {
            let input = json!({"name": "input", "shape": [1, 29], "datatype": "FP32", "data": example["input"]});
            let said = post(&format!("{url}/infer"), &json!({ "inputs": [input] }));
            let probability = &said["outputs"][0]["data"][0];
            assert!(close(probability, &example["probabilities"][0], 1e-5), "{said} {example}");
        }
    }
    // The same numbers as scikit-learn's, from the rows that are left after cleaning.
    let f1 = fraud.output("f1");
    for place in ["east/cpu.small", "west/cpu.small"] {
        assert_eq!(f1[place], model["claims"]["binary"]["f1"]);
    }
    let servers = fraud.servers();
    assert_eq!(servers.len(), 2, "{servers:?}");
    fraud.good(&["destroy", "-auto-approve"]);
    assert_eq!(fraud.servers(), []);
    let left: Vec<_> = ["east", "west"]
        .into_iter()
        .flat_map(|cloud| {
            ["buckets", "endpoints"].map(|kind| format!(".skyform/local/{cloud}/{kind}"))
        })
        .flat_map(|folder| std::fs::read_dir(fraud.folder().join(folder)).into_iter().flatten())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_endpoint_that_has_died_is_started_again() {
    let fraud = Fraud::new();
    fraud.good(&["apply", "-auto-approve"]);
    let (name, pid) = fraud.servers()[0].clone();
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let plan = fraud.good(&["plan"]);
    assert!(plan.contains("has been deleted"), "{name}: {plan}");
    assert!(plan.contains("endpoint.this[\"east/cpu.small\"] will be created"), "{plan}");
    fraud.good(&["apply", "-auto-approve"]);
    assert_eq!(fraud.servers().len(), 2);
    assert_eq!(fraud.code(&["plan", "-detailed-exitcode"]), 0);
}

#[test]
fn more_demand_changes_replicas_in_place() {
    let fraud = Fraud::new();
    fraud.good(&["apply", "-auto-approve"]);
    let urls = fraud.output("urls");
    fraud.good(&["apply", "-auto-approve", "-var", "demand=45"]);
    assert_eq!(fraud.output("urls"), urls);
    let replicas: Vec<String> = ["east", "west"]
        .iter()
        .map(|cloud| {
            let url = urls[format!("{cloud}/cpu.small")].as_str().expect("a URL").to_owned();
            let metrics = get(&format!("{url}/metrics"));
            let line = metrics.lines().find(|line| line.starts_with("skyform_replicas"));
            line.unwrap_or_default().rsplit(' ').next().unwrap_or_default().to_owned()
        })
        .collect();
    assert_eq!(replicas, ["4", "1"]);
    assert_eq!(fraud.servers().len(), 2);
}

#[test]
fn a_gate_that_is_not_met_stops_what_depends_on_it() {
    let fraud = Fraud::new();
    fraud.edit("at_least    = 0.8", "at_least    = 0.99");
    let main = fraud.0.read("testdata/fraud/main.hcl");
    let dependent =
        "resource \"terraform_data\" \"traffic\" {\n  input = module.fraud.results\n}\n";
    fraud.0.write("testdata/fraud/main.hcl", &format!("{main}\n{dependent}"));
    let (stdout, stderr) = fraud.bad(&["apply", "-auto-approve"]);
    assert!(stderr.contains("Requirement of an evaluation is not met"), "{stderr}");
    assert!(stderr.contains("f1 is 0.9053, and must be at least 0.99"), "{stderr}");
    assert!(stdout.contains("skipped: terraform_data.traffic"), "{stdout}");
    // The endpoints stay, and are known.
    assert_eq!(fraud.servers().len(), 2);
    let listed = fraud.good(&["state", "list"]);
    assert!(listed.contains("module.fraud.endpoint.this[\"east/cpu.small\"]"), "{listed}");
    assert!(!listed.contains("traffic") && !listed.contains("evaluation"), "{listed}");
    fraud.edit("at_least    = 0.99", "at_least    = 0.9");
    fraud.good(&["apply", "-auto-approve"]);
    assert_eq!(fraud.code(&["plan", "-detailed-exitcode"]), 0);
}

#[test]
fn a_damaged_model_is_an_error_of_the_plan() {
    let fraud = Fraud::new();
    let path = fraud.folder().join("model/fraud.onnx");
    let whole = std::fs::read(&path).expect("readable");
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let (_, stderr) = fraud.bad(&["apply", "-auto-approve"]);
    assert!(stderr.contains("Invalid model file"), "{stderr}");
    assert!(stderr.contains("modules/served-model/main.hcl:9:"), "{stderr}");
    assert!(!fraud.folder().join("terraform.tfstate").exists());
    assert!(!fraud.folder().join(".skyform").exists());
}

#[test]
fn changed_data_is_copied_and_judged_again() {
    let fraud = Fraud::new();
    fraud.good(&["apply", "-auto-approve"]);
    let claims = fraud.0.read("testdata/fraud/data/claims.csv");
    let fewer: Vec<&str> = claims.lines().take(400).collect();
    fraud.0.write("testdata/fraud/data/claims.csv", &(fewer.join("\n") + "\n"));
    let plan = fraud.good(&["plan"]);
    assert!(plan.contains("dataset.claims will be updated in place"), "{plan}");
    assert!(plan.contains("0 to add, 3 to change, 0 to destroy"), "{plan}");
    let before = fraud.output("f1");
    fraud.good(&["apply", "-auto-approve"]);
    assert_ne!(fraud.output("f1"), before);
    assert_eq!(fraud.code(&["plan", "-detailed-exitcode"]), 0);
}

#[test]
fn a_move_makes_before_it_breaks() {
    let fraud = Fraud::new();
    fraud.good(&["apply", "-auto-approve"]);
    // East becomes dear: the task leaves it for the south.
    fraud.edit("activation_cost = 40", "activation_cost = 900");
    let plan = fraud.good(&["plan"]);
    assert!(plan.contains("endpoint.this[\"south/cpu.large\"] will be created"), "{plan}");
    let applied = fraud.good(&["apply", "-auto-approve"]);
    let line = |text: &str| {
        let found = applied.lines().position(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("{text} in {applied}"))
    };
    let come = line("evaluation.this[\"south/cpu.large\"]: Creation complete");
    let goes = line("endpoint.this[\"east/cpu.small\"]: Destroying");
    assert!(come < goes, "{applied}");
    let servers: Vec<String> = fraud.servers().into_iter().map(|(name, _)| name).collect();
    assert_eq!(servers.len(), 2, "{servers:?}");
    assert!(servers[0].starts_with("south/") && servers[1].starts_with("west/"), "{servers:?}");
}

#[test]
fn a_move_to_what_fails_its_gate_leaves_the_old_one_serving() {
    let fraud = Fraud::new();
    fraud.good(&["apply", "-auto-approve"]);
    fraud.edit("activation_cost = 40", "activation_cost = 900");
    let module = "modules/served-model/main.hcl";
    let stricter = "at_least = each.value.cloud == \"south\" ? 0.99 : var.at_least";
    let text = fraud.0.read(module).replace("at_least = var.at_least", stricter);
    fraud.0.write(module, &text);
    let (_, stderr) = fraud.bad(&["apply", "-auto-approve"]);
    assert!(stderr.contains("Requirement of an evaluation is not met"), "{stderr}");
    let servers: Vec<String> = fraud.servers().into_iter().map(|(name, _)| name).collect();
    assert!(servers.iter().any(|name| name.starts_with("east/")), "{servers:?}");
}

#[test]
fn no_server_of_a_killed_run_is_unknown() {
    let (mut kills, mut in_the_middle) = (0, 0);
    for round in 0..6 {
        let fraud = Fraud::new();
        let mut child = fraud
            .0
            .command(&Fraud::arguments(&["apply", "-auto-approve"]))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program runs");
        // Each round dies a little later: while buckets and the model are made, the first server, and
        // the second one or what is made behind it.
        let journal = fraud.folder().join("terraform.tfstate.journal");
        let written = || std::fs::metadata(&journal).map_or(0, |file| file.len());
        kills += kill_when(&mut child, || match round {
            0..4 => written() > 1500 * round,
            4 => !fraud.servers().is_empty(),
            _ => fraud.servers().len() == 2,
        });
        in_the_middle += usize::from(!fraud.servers().is_empty());
        fraud.good(&["apply", "-auto-approve"]);
        let servers: Vec<String> = fraud.servers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(servers.len(), 2, "round {round}: {servers:?}");
        assert_eq!(fraud.code(&["plan", "-detailed-exitcode"]), 0, "round {round}");
        let all = fraud.all_servers();
        assert_eq!(all.len(), 2, "round {round}: {all:?}");
        fraud.good(&["destroy", "-auto-approve"]);
        assert_eq!(fraud.all_servers(), Vec::<i32>::new(), "round {round}: nothing is left behind");
    }
    assert!(kills > 2 && in_the_middle > 0, "{kills} kills, {in_the_middle} in the middle");
}

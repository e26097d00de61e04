//! Runs the steps of `testdata/configs/CASE` with a program, and tells what came out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

/// What came out of one step, made comparable.
#[derive(Debug, PartialEq)]
pub(crate) struct Fact {
    pub(crate) step: String,
    pub(crate) ended: &'static str,
    pub(crate) mentions: Vec<bool>,
    pub(crate) found: Json,
}

impl Fact {
    /// All of it on one line.
    pub(crate) fn line(&self) -> String {
        format!("{} ended {} {:?} {}", self.step, self.ended, self.mentions, self.found)
    }
}

/// Runs all steps in a fresh copy of a case.
pub(crate) fn run(case: &Path, program: &str) -> Vec<Fact> {
    let folder = tempfile::tempdir().expect("a scratch folder");
    copy(case, folder.path());
    let steps = steps_of(case);
    let mut ids = BTreeMap::new();
    let mut runner = Runner { folder: folder.path(), program, ids: &mut ids };
    runner.call("init", &[], &json!({}));
    steps
        .iter()
        .flat_map(|step| {
            runner.files(step).into_iter().chain(runner.step(step)).collect::<Vec<_>>()
        })
        .collect()
}

/// The steps of a case.
pub(crate) fn steps_of(case: &Path) -> Vec<Json> {
    let steps = std::fs::read_to_string(case.join("steps.json")).unwrap_or_else(|_| {
        r#"[{"cmd": "plan"}, {"cmd": "apply"}, {"cmd": "plan"}, {"cmd": "destroy"}]"#.to_owned()
    });
    serde_json::from_str(&steps).expect("a list of steps")
}

struct Runner<'a> {
    folder: &'a Path,
    program: &'a str,
    ids: &'a mut BTreeMap<String, usize>,
}

impl Runner<'_> {
    /// Files that the steps have written, to be compared.
    fn files(&mut self, step: &Json) -> Vec<Fact> {
        let names = step["compare_files"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let facts = names.map(|name| Fact {
            step: format!("file {name}"),
            ended: "well",
            mentions: Vec::new(),
            found: std::fs::read_to_string(self.folder.join(name)).map_or(Json::Null, Json::from),
        });
        facts.collect()
    }

    fn step(&mut self, step: &Json) -> Option<Fact> {
        if let Some(files) = step["replace_files"].as_object() {
            for (target, source) in files {
                let source = self.folder.join(source.as_str().unwrap_or_default());
                std::fs::copy(source, self.folder.join(target)).expect("copied");
            }
            self.call("init", &[], &json!({}));
        }
        let command = step["cmd"].as_str()?;
        let strings = |json: &Json| -> Vec<String> {
            let items = json.as_array().into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let given = strings(&step["args"]);
        let plan_file = step["out"].as_str().unwrap_or("tfplan").to_owned();
        let mut arguments: Vec<String> = match command {
            "plan" => vec!["-input=false".to_owned(), format!("-out={plan_file}")],
            "apply" if step["plan"].is_string() => vec!["-input=false".to_owned()],
            "apply" | "destroy" => vec!["-input=false".to_owned(), "-auto-approve".to_owned()],
            "validate" | "output" => vec!["-json".to_owned()],
            _ => Vec::new(),
        };
        arguments.extend(given.iter().cloned());
        arguments.extend(step["plan"].as_str().map(str::to_owned));
        let (code, text, all) = self.call(command, &arguments, &step["env"]);
        let good = code == 0 || code == 2;
        let found = match command {
            "plan" if good => self.show(&["-json", &plan_file]),
            "graph" | "output" | "plan" | "state" | "validate" | "workspace" if !good => Json::Null,
            "graph" => Json::from(text.trim()),
            "workspace" if matches!(given.first().map(String::as_str), Some("list" | "show")) => {
                Json::from(text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>())
            }
            "workspace" => Json::Null,
            "output" => serde_json::from_str(&text).unwrap_or(Json::Null),
            "state" if given.first().is_some_and(|what| what == "list") => Json::from(text.trim()),
            _ => self.show(&["-json"]),
        };
        let found = self.number_ids(&pick(&found));
        let plain: String =
            all.split(['│', '|', '\n', ' ']).filter(|part| !part.is_empty()).collect();
        let holds = |word: &String| plain.contains(&word.replace(' ', ""));
        Some(Fact {
            step: format!("{command} {}", given.join(" ")),
            ended: if good { "well" } else { "badly" },
            mentions: strings(&step["mentions"]).iter().map(holds).collect(),
            found,
        })
    }

    fn call(&self, command: &str, arguments: &[String], env: &Json) -> (i32, String, String) {
        let mut process = Command::new(self.program);
        process.arg(command).args(arguments).current_dir(self.folder);
        process.env("TF_CLI_CONFIG_FILE", "/dev/null").env("NO_COLOR", "1");
        process.env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1");
        for (name, value) in env.as_object().into_iter().flatten() {
            process.env(name, value.as_str().unwrap_or_default());
        }
        let output = process.output().expect("the program runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let all = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap_or(-1), text, all)
    }

    fn show(&self, arguments: &[&str]) -> Json {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let (_, text, _) = self.call("show", &arguments, &json!({}));
        serde_json::from_str(&text).unwrap_or(Json::Null)
    }

    /// Random ids as numbers, in the order in which they appear over all steps.
    fn number_ids(&mut self, json: &Json) -> Json {
        match json {
            Json::String(text) if is_id(text) => {
                let next = self.ids.len();
                Json::from(format!("<id {}>", self.ids.entry(text.clone()).or_insert(next)))
            }
            Json::Array(items) => items.iter().map(|item| self.number_ids(item)).collect(),
            Json::Object(table) if table.contains_key("deposed_key") => {
                let mut rest = table.clone();
                rest.remove("deposed_key");
                rest.insert("deposed".to_owned(), Json::from(true));
                self.number_ids(&Json::Object(rest))
            }
            Json::Object(table) => {
                let mut names: Vec<&String> = table.keys().collect();
                names.sort();
                let items =
                    names.into_iter().map(|name| (name.clone(), self.number_ids(&table[name])));
                Json::Object(items.collect())
            }
            other => other.clone(),
        }
    }
}

pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// What is compared of a document: actions and values, not versions and times.
fn pick(json: &Json) -> Json {
    let mut picked = json!({});
    for change in json["resource_changes"].as_array().into_iter().flatten() {
        let address = change["address"].as_str().unwrap_or_default();
        let deposed = change["deposed"].as_str().map_or("", |_| " (deposed)");
        let also = json!([change["previous_address"], change["action_reason"]]);
        let change = &change["change"];
        picked["changes"][format!("{address}{deposed}")] = json!([
            change["actions"],
            change["before"],
            change["after"],
            change["importing"],
            also
        ]);
    }
    for (name, change) in json["output_changes"].as_object().into_iter().flatten() {
        picked["outputs"][name] = json!([change["actions"], change["before"], change["after"]]);
    }
    for key in ["values", "valid"] {
        if !json[key].is_null() {
            picked[key] = values(&json[key]);
        }
    }
    if picked == json!({}) && !json.is_object() {
        return json.clone();
    }
    picked
}

/// Values of resources and outputs, without what only one of the two programs says.
fn values(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(values).collect(),
        Json::Object(table) => {
            let kept = table.iter().filter(|(name, item)| {
                let other = ["schema_version", "depends_on", "sensitive_values"];
                let nothing = *name == "outputs" && **item == json!({});
                !other.contains(&name.as_str()) && !nothing
            });
            Json::Object(kept.map(|(name, item)| (name.clone(), values(item))).collect())
        }
        other => other.clone(),
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

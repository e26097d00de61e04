//! The JSON of both programs for the same configurations: documents of plans and states, and the
//! streams of messages. What may differ is taken out here, and listed in docs/compatibility.md.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::cases::{copy, is_id, steps_of};
use crate::stack::{is_terraform_here, project};

#[test]
fn documents_and_streams_are_the_same() {
    if !is_terraform_here() {
        return;
    }
    let folder = project().join("testdata/configs");
    let mut compared = [0; 2];
    let mut wrong = Vec::new();
    let mut known = known_differences();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let case = entry.expect("readable").path();
        if !case.is_dir() {
            continue;
        }
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let theirs = run(&case, "terraform");
        let ours = run(&case, env!("CARGO_BIN_EXE_skyform"));
        assert_eq!(theirs.len(), ours.len(), "{name}");
        for (theirs, ours) in theirs.iter().zip(&ours) {
            compared[usize::from(theirs.is_stream)] += 1;
            let number = theirs.step.split(' ').next().unwrap_or_default();
            let kind = if theirs.is_stream { "stream" } else { "document" };
            let reason = known.remove(&format!("{name} {number} {kind}"));
            let is_known = reason.is_some();
            let at_times = reason.is_some_and(|reason| reason.starts_with("at times"));
            if is_known && !at_times && theirs.lines == ours.lines {
                wrong.push(format!("{name} {number} {kind} is the same now, but listed"));
            }
            if !is_known && theirs.lines != ours.lines {
                let missing = theirs.lines.iter().filter(|line| !ours.lines.contains(line));
                let extra = ours.lines.iter().filter(|line| !theirs.lines.contains(line));
                let missing = missing.map(|line| format!("\n  - {line}"));
                let all: String =
                    missing.chain(extra.map(|line| format!("\n  + {line}"))).collect();
                wrong.push(format!("{name}, {}:{all}", theirs.step));
            }
        }
    }
    assert!(compared[0] > 80 && compared[1] > 80, "only {compared:?} were compared");
    assert!(known.is_empty(), "listed, but not there: {known:?}");
    assert!(wrong.is_empty(), "{} of {compared:?} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Comparisons that differ, each with a reason that docs/compatibility.md explains.
fn known_differences() -> BTreeMap<String, String> {
    let file = project().join("testdata/documents-known.txt");
    let text = std::fs::read_to_string(file).expect("readable");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let parts = lines.map(|line| line.split_once(": ").expect("a reason"));
    parts.map(|(comparison, reason)| (comparison.to_owned(), reason.to_owned())).collect()
}

/// What one step printed, normal and as lines.
struct Printed {
    step: String,
    is_stream: bool,
    lines: Vec<String>,
}

fn run(case: &Path, program: &str) -> Vec<Printed> {
    let folder = tempfile::tempdir().expect("a scratch folder");
    copy(case, folder.path());
    let mut printed = Vec::new();
    let mut ids = BTreeMap::new();
    let call = |arguments: &[&str], env: &Json| -> (bool, String) {
        let mut process = Command::new(program);
        process.args(arguments).current_dir(folder.path());
        process.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        for (name, value) in env.as_object().into_iter().flatten() {
            process.env(name, value.as_str().unwrap_or_default());
        }
        let output = process.output().expect("the program runs");
        let good = matches!(output.status.code(), Some(0 | 2));
        (good, String::from_utf8_lossy(&output.stdout).into_owned())
    };
    call(&["init"], &json!({}));
    for (number, step) in steps_of(case).iter().enumerate() {
        for (target, source) in step["replace_files"].as_object().into_iter().flatten() {
            let source = folder.path().join(source.as_str().unwrap_or_default());
            std::fs::copy(source, folder.path().join(target)).expect("copied");
            call(&["init"], &json!({}));
        }
        let Some(command) = step["cmd"].as_str() else { continue };
        let out = format!("-out={}", step["out"].as_str().unwrap_or("tfplan"));
        let mut arguments = vec![command];
        match command {
            "plan" => arguments.extend(["-json", "-input=false", &out]),
            "apply" | "destroy" if step["plan"].is_string() => arguments.push("-json"),
            "apply" | "destroy" => arguments.extend(["-json", "-auto-approve"]),
            "refresh" => arguments.push("-json"),
            _ => {}
        }
        let given = step["args"].as_array().into_iter().flatten();
        arguments.extend(given.filter_map(Json::as_str));
        arguments.extend(step["plan"].as_str());
        let (good, text) = call(&arguments, &step["env"]);
        if !arguments.contains(&"-json") {
            continue;
        }
        let name = format!("{number} {}", arguments.join(" "));
        // A plan that fails is shown as far as it got by one of the two programs only.
        printed.push(Printed {
            step: name.clone(),
            is_stream: true,
            lines: stream(&text, good || command != "plan"),
        });
        let file = out.trim_start_matches("-out=");
        let shown: &[&str] = match command {
            "plan" if good => &["show", "-json", file],
            "plan" => continue,
            _ => &["show", "-json"],
        };
        let (_, text) = call(shown, &json!({}));
        let document = serde_json::from_str(&text).unwrap_or(Json::Null);
        let lines = document_lines(document, &mut ids);
        printed.push(Printed { step: name, is_stream: false, lines });
    }
    printed
}

/// The messages without their time, sorted. Of diagnostics only that there was an error, since each
/// program has its own words, and its own warnings.
fn stream(text: &str, whole: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut message: Json = serde_json::from_str(line).unwrap_or_else(|_| Json::from(line));
        let kind = message["type"].as_str().unwrap_or_default().to_owned();
        let is_warning = message["diagnostic"]["severity"] == "warning";
        let ignored = kind == "version" || is_warning || !whole && kind != "diagnostic";
        if ignored {
            continue;
        }
        assert!(message["@timestamp"].is_string(), "{line}");
        let fields = message.as_object_mut().expect("an object");
        fields.remove("@timestamp");
        if kind == "diagnostic" {
            let severity = fields["diagnostic"]["severity"].clone();
            fields.insert("diagnostic".to_owned(), severity);
            fields.remove("@message");
        }
        if let Some(hook) = fields.get_mut("hook").and_then(Json::as_object_mut) {
            hook.remove("elapsed_seconds");
        }
        if let Some(text) = fields.get("@message").and_then(Json::as_str) {
            let text = without_seconds(text);
            fields.insert("@message".to_owned(), Json::from(text));
        }
        lines.push(without_ids(&sorted(&message)).to_string());
    }
    lines.sort();
    lines
}

/// `after 1s` without the number, which is the machine's.
fn without_seconds(text: &str) -> String {
    let Some((before, after)) = text.split_once(" after ") else { return text.to_owned() };
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 { text.to_owned() } else { format!("{before} after {}", &after[digits..]) }
}

/// A document without what may differ, with ids numbered as they appear.
fn document_lines(mut document: Json, ids: &mut BTreeMap<String, usize>) -> Vec<String> {
    if let Some(fields) = document.as_object_mut() {
        for name in ["terraform_version", "timestamp", "skyform"] {
            fields.remove(name);
        }
        if let Some(prior) = fields.get_mut("prior_state").and_then(Json::as_object_mut) {
            prior.remove("terraform_version");
            if let Some(values) = prior.get_mut("values").and_then(Json::as_object_mut) {
                // As stored here; there, as far as the plan has found out already.
                values.remove("outputs");
            }
            if prior.get("values").is_none_or(|values| *values == json!({"root_module": {}})) {
                fields.remove("prior_state");
            }
        }
        if let Some(relevant) = fields.get_mut("relevant_attributes").and_then(Json::as_array_mut) {
            relevant.sort_by_key(ToString::to_string);
        }
    }
    for place in ["/values/root_module", "/prior_state/values/root_module"] {
        if let Some(module) = document.pointer_mut(place) {
            remove_dependencies(module);
        }
    }
    let document = number_ids(&sorted(&document), ids);
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    // With its line number, so that nothing may stand in another order.
    (1..).zip(text.lines()).map(|(number, line)| format!("{number}: {line}")).collect()
}

/// Direct ones here, all of them there.
fn remove_dependencies(module: &mut Json) {
    for resource in module["resources"].as_array_mut().into_iter().flatten() {
        resource.as_object_mut().expect("an object").remove("depends_on");
    }
    if module["resources"].is_null() {
        module.as_object_mut().expect("an object").remove("resources");
    }
    for child in module["child_modules"].as_array_mut().into_iter().flatten() {
        remove_dependencies(child);
    }
    if module["child_modules"].is_null() {
        module.as_object_mut().expect("an object").remove("child_modules");
    }
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(sorted).collect(),
        Json::Object(table) => {
            let table: BTreeMap<&String, Json> =
                table.iter().map(|(name, item)| (name, sorted(item))).collect();
            Json::Object(table.into_iter().map(|(name, item)| (name.clone(), item)).collect())
        }
        other => other.clone(),
    }
}

fn number_ids(json: &Json, ids: &mut BTreeMap<String, usize>) -> Json {
    match json {
        Json::String(text) if is_id(text) => {
            let next = ids.len();
            Json::from(format!("<id {}>", ids.entry(text.clone()).or_insert(next)))
        }
        Json::Array(items) => items.iter().map(|item| number_ids(item, ids)).collect(),
        Json::Object(table) => {
            let mut item = |name: &str, item: &Json| match item.as_str() {
                // Made up like an id, but shorter.
                Some(key) if matches!(name, "deposed" | "deposed_key") => {
                    let next = ids.len();
                    Json::from(format!("<key {}>", ids.entry(key.to_owned()).or_insert(next)))
                }
                _ => number_ids(item, ids),
            };
            let items = table.iter().map(|(name, value)| (name.clone(), item(name, value)));
            Json::Object(items.collect())
        }
        other => other.clone(),
    }
}

fn without_ids(json: &Json) -> Json {
    match json {
        Json::String(text) => {
            let words = text.split_inclusive(['=', ']']);
            let word = |word: &str| match word.strip_suffix(']') {
                Some(id) if is_id(id) => "<id>]".to_owned(),
                _ if is_id(word) => "<id>".to_owned(),
                _ => word.to_owned(),
            };
            Json::from(words.map(word).collect::<String>())
        }
        Json::Array(items) => items.iter().map(without_ids).collect(),
        Json::Object(table) => {
            let items = table.iter().map(|(name, item)| (name.clone(), without_ids(item)));
            Json::Object(items.collect())
        }
        other => other.clone(),
    }
}

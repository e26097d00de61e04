//! Small JSON outputs in the shapes that Terraform documents, compared with its own where it is here.

use serde_json::{Value as Json, json};

use crate::stack::{Stack, is_terraform_here};

fn theirs(stack: &Stack, arguments: &[&str]) -> Option<Json> {
    if !is_terraform_here() {
        return None;
    }
    stack.terraform(&["init"]);
    let said = stack.terraform(arguments).expect("it is here");
    Some(serde_json::from_str(&said.stdout).expect("JSON"))
}

#[test]
fn version() {
    let stack = Stack::new(&[]);
    let ours = stack.json(&["version", "-json"]);
    assert_eq!(ours["skyform_version"], env!("CARGO_PKG_VERSION"));
    if let Some(theirs) = theirs(&stack, &["version", "-json"]) {
        for name in ["platform", "provider_selections", "terraform_outdated"] {
            assert_eq!(ours[name], theirs[name], "{name}");
        }
        assert!(ours["terraform_version"].is_string());
    }
}

#[test]
fn schema_of_the_built_in_provider() {
    let stack = Stack::new(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
    let ours = stack.json(&["providers", "schema", "-json"]);
    let of = |json: &Json| {
        let provider = &json["provider_schemas"]["terraform.io/builtin/terraform"];
        provider["resource_schemas"]["terraform_data"].clone()
    };
    assert_eq!(ours["format_version"], "1.0");
    if let Some(theirs) = theirs(&stack, &["providers", "schema", "-json"]) {
        assert_eq!(shape(&of(&ours)), shape(&of(&theirs)));
    }
    let bucket = &ours["provider_schemas"]["skyform.dev/builtin/portable"]["resource_schemas"];
    assert!(bucket["bucket"]["block"]["attributes"].is_object(), "{bucket}");
}

/// A schema without its descriptions, which each program has in its own words.
fn shape(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(shape).collect(),
        Json::Object(table) => {
            let kept = table.iter().filter(|(name, _)| !name.starts_with("description"));
            Json::Object(kept.map(|(name, item)| (name.clone(), shape(item))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn signatures_of_functions() {
    let stack = Stack::new(&[]);
    let ours = stack.json(&["metadata", "functions", "-json"]);
    assert_eq!(ours["format_version"], "1.0");
    let Some(theirs) = theirs(&stack, &["metadata", "functions", "-json"]) else { return };
    // Everything but the descriptions.
    let (ours, theirs) = (shape(&ours), shape(&theirs));
    let (ours, theirs) = (&ours["function_signatures"], &theirs["function_signatures"]);
    let (ours, theirs) = (ours.as_object().expect("it"), theirs.as_object().expect("it"));
    let differ: Vec<String> = theirs
        .iter()
        .filter(|(name, signature)| ours.get(*name) != Some(signature))
        .map(|(name, signature)| format!("{name}: {signature}, ours {:?}", ours.get(name)))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    // `type` works outside of the console too, and functions of a provider that is built in are named.
    let own: Vec<&String> = ours.keys().filter(|name| !theirs.contains_key(*name)).collect();
    let mut expected = vec!["core::type".to_owned(), "type".to_owned()];
    expected.extend(
        ["decode_tfvars", "encode_expr", "encode_tfvars"]
            .map(|name| format!("provider::terraform::{name}")),
    );
    expected.sort();
    let mut own: Vec<String> = own.into_iter().cloned().collect();
    own.sort();
    assert_eq!(own, expected);
}

#[test]
fn tree_of_providers() {
    let files = [
        (
            "main.tf",
            "resource \"terraform_data\" \"a\" {}\nmodule \"m\" {\n  source = \"./m\"\n}\n",
        ),
        ("m/main.tf", "resource \"terraform_data\" \"b\" {}\n"),
    ];
    let stack = Stack::new(&files);
    let ours = stack.good(&["providers"]);
    assert_eq!(
        ours,
        "\nProviders required by configuration:\n.\n\
         ├── provider[terraform.io/builtin/terraform]\n\
         └── module.m\n    \
         └── provider[terraform.io/builtin/terraform]\n\n"
    );
    if is_terraform_here() {
        stack.terraform(&["init"]);
        assert_eq!(stack.terraform(&["providers"]).expect("it is here").stdout, ours);
    }
}

#[test]
fn validation_with_its_place() {
    let stack = Stack::new(&[("main.tf", "resource \"terraform_data\" \"a\" {\n  inptu = 1\n}\n")]);
    let said = stack.run(&["validate", "-json"]);
    assert_eq!(said.code, 1);
    let ours: Json = serde_json::from_str(&said.stdout).expect("JSON");
    let found = &ours["diagnostics"][0];
    assert_eq!(
        found["snippet"],
        json!({
            "context": "resource \"terraform_data\" \"a\"",
            "code": "  inptu = 1",
            "start_line": 2,
            "highlight_start_offset": 2,
            "highlight_end_offset": 7,
            "values": [],
        })
    );
    if let Some(theirs) = theirs(&stack, &["validate", "-json"]) {
        for name in ["format_version", "valid", "error_count", "warning_count"] {
            assert_eq!(ours[name], theirs[name], "{name}");
        }
        let theirs = &theirs["diagnostics"][0];
        for name in ["severity", "summary", "range", "snippet"] {
            assert_eq!(found[name], theirs[name], "{name}");
        }
    }
}

#[test]
fn outputs_with_their_types() {
    let text = "output \"a\" {\n  value = { n = 1, l = [true, \"x\"] }\n}\n\
                output \"b\" {\n  value     = \"s\"\n  sensitive = true\n}\n";
    let stack = Stack::new(&[("main.tf", text)]);
    stack.good(&["apply", "-auto-approve"]);
    let ours = stack.json(&["output", "-json"]);
    assert_eq!(
        ours,
        json!({
            "a": {
                "sensitive": false,
                "type": ["object", {"l": ["tuple", ["bool", "string"]], "n": "number"}],
                "value": {"l": [true, "x"], "n": 1},
            },
            "b": {"sensitive": true, "type": "string", "value": "s"},
        })
    );
    if let Some(theirs) = theirs(&stack, &["output", "-json"]) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_stream_needs_approval_beforehand() {
    let stack = Stack::new(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
    let said = stack.run(&["apply", "-json"]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    let last = said.stdout.lines().last().expect("a message");
    let last: Json = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["diagnostic"]["summary"], "Nobody to ask for approval");
    assert_eq!(said.stderr, "");
}

//! The page of functions lists all of them, with the signatures that the program itself prints.

use serde_json::Value as Json;

use crate::stack::{Stack, project};

fn type_text(ty: &Json) -> String {
    match ty {
        Json::String(name) if name == "dynamic" => "any".to_owned(),
        Json::String(name) => name.clone(),
        other => format!("{}({})", other[0].as_str().unwrap_or_default(), type_text(&other[1])),
    }
}

fn signature(name: &str, function: &Json) -> String {
    let parameter = |parameter: &Json| {
        format!("{} {}", parameter["name"].as_str().expect("a name"), type_text(&parameter["type"]))
    };
    let fixed = function["parameters"].as_array().into_iter().flatten().map(parameter);
    let variadic = function.get("variadic_parameter").map(|it| format!("...{}", parameter(it)));
    let all: Vec<String> = fixed.chain(variadic).collect();
    format!("{name}({}) {}", all.join(", "), type_text(&function["return_type"]))
}

#[test]
fn the_page_of_functions_has_all_of_them_and_nothing_else() {
    let path = project().join("docs/reference/functions.md");
    let page = std::fs::read_to_string(path).expect("part of the project");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let (listed, said): (Vec<&str>, Vec<&str>) =
        rows.filter_map(|row| row.split_once("` | ")).unzip();
    let printed = Stack::new(&[]).json(&["metadata", "functions", "-json"]);
    let functions = printed["function_signatures"].as_object().expect("functions by name");
    let mut known: Vec<String> = functions
        .iter()
        .filter(|(name, _)| !name.starts_with("core::"))
        .map(|(name, function)| signature(name, function))
        .collect();
    known.sort();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, known);
    assert!(known.len() > 110);
    assert!(said.iter().all(|said| said.trim_end_matches(" |").ends_with('.')), "a sentence each");
}

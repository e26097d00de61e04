//! Datasets from folders, buckets and web pages; what is wrong with them is said at its line.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::stack::{Stack, project};

const FOLDER: &str = r#"
cloud "here" {
  driver = "local"
}

bucket "data" {
  cloud = cloud.here
}

dataset "raw" {
  source      = "./raw"
  destination = "${bucket.data.url}/raw"
}

dataset "clean" {
  source      = dataset.raw
  destination = "${bucket.data.url}/clean/"

  clean {
    drop_nulls  = ["label"]
    deduplicate = ["id"]
    columns     = ["id", "label"]
  }
}

output "rows" {
  value = dataset.clean.rows
}
"#;

const OBJECTS: &str = ".skyform/local/here/buckets/data/objects";

fn stack() -> Stack {
    Stack::new(&[
        ("main.hcl", FOLDER),
        ("raw/a.csv", "id,amount,label\n1,2.5,0\n2,,1\n2,3,1\n"),
        ("raw/more/b.csv", "id,amount,label\n3,1,\n4,1,0\n"),
    ])
}

#[test]
fn a_folder_is_copied_and_cleaned_into_one_table() {
    let stack = stack();
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("copies 2 files (62 B) from ./raw"), "{plan}");
    stack.good(&["apply", "-auto-approve"]);
    let copied = stack.read(&format!("{OBJECTS}/raw/more/b.csv"));
    assert_eq!(copied, "id,amount,label\n3,1,\n4,1,0\n");
    let cleaned = stack.read(&format!("{OBJECTS}/clean/clean.csv"));
    assert_eq!(cleaned, "id,label\n1,0\n2,1\n4,0\n");
    assert_eq!(stack.good(&["output", "rows"]), "3\n");
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    // A file that goes from the source goes from the copy, and what is made from it follows.
    std::fs::remove_file(stack.path().join("raw/a.csv")).expect("it is there");
    stack.good(&["apply", "-auto-approve"]);
    assert!(!stack.path().join(OBJECTS).join("raw/a.csv").exists());
    assert_eq!(stack.good(&["output", "rows"]), "1\n");
    assert!(!stack.path().join(OBJECTS).join("clean/clean.csv").exists());
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    // One that is lost is noticed.
    std::fs::remove_file(stack.path().join(OBJECTS).join("raw/more/b.csv")).expect("it is there");
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("dataset.raw has been deleted"), "{plan}");
    stack.good(&["apply", "-auto-approve"]);
    stack.good(&["destroy", "-auto-approve"]);
    assert!(!stack.path().join(".skyform/local/here/buckets/data").exists());
}

/// Answers each request with the same page, for as long as the test runs.
fn serve(page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            let head = request[..read].starts_with(b"HEAD");
            let body = if head { "" } else { page };
            let length = page.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    format!("http://{address}")
}

#[test]
fn a_web_page_is_fetched() {
    let stack = stack();
    let url = serve("id,label\n7,1\n");
    stack.write("main.hcl", &FOLDER.replace("\"./raw\"", &format!("\"{url}/page.csv\"")));
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.read(&format!("{OBJECTS}/raw/page.csv")), "id,label\n7,1\n");
    assert_eq!(stack.read(&format!("{OBJECTS}/clean/page.csv")), "id,label\n7,1\n");
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
}

#[test]
fn a_folder_in_a_bucket_is_a_source_too() {
    let stack = stack();
    stack.good(&["apply", "-auto-approve", "-target=dataset.raw"]);
    stack.write("main.hcl", &FOLDER.replace("= dataset.raw\n", "= \"local://here/data/raw\"\n"));
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("copies 2 files (62 B) from local://here/data/raw"), "{plan}");
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.good(&["output", "rows"]), "3\n");
}

#[test]
fn mistakes_are_said_at_their_line() {
    for (from, to, expected) in [
        ("\"./raw\"", "\"./rwa\"", ["./rwa does not exist", "main.hcl:11:"]),
        ("\"${bucket.data.url}/raw\"", "\"s3://nowhere/raw\"", ["Unknown bucket", "main.hcl:12:"]),
        ("drop_nulls", "drop_nul", ["Did you mean \"drop_nulls\"?", "main.hcl:20:"]),
        (
            "\"label\"]\n    ded",
            "\"lable\"]\n    ded",
            ["Columns are: id, amount, label", "main.hcl:20:"],
        ),
        (
            "columns     = [\"id\", \"label\"]",
            "format = \"xml\"",
            ["Available: csv, jsonl, parquet", "main.hcl:22:"],
        ),
        (
            "columns     = [\"id\", \"label\"]",
            "cast = { id = \"int\" }",
            ["Available: bool, int32", "main.hcl:22:"],
        ),
        (
            "columns     = [\"id\", \"label\"]",
            "cast = { amount = \"int64\" }",
            ["\"2.5\" in column \"amount\"", "main.hcl:22:"],
        ),
        (
            "dataset \"raw\" {\n",
            "dataset \"raw\" {\n  soruce = 1\n",
            ["Did you mean \"source\"?", "main.hcl:11:"],
        ),
    ] {
        let stack = stack();
        assert!(FOLDER.contains(from), "{from}");
        stack.write("main.hcl", &FOLDER.replace(from, to));
        let said = stack.bad(&["apply", "-auto-approve"]);
        for part in expected {
            assert!(said.contains(part), "{to}: {part} in {said}");
        }
    }
}

#[test]
fn mistakes_about_models_endpoints_and_evaluations_are_said_at_their_line() {
    let text = r#"
cloud "here" {
  driver = "local"
}

bucket "models" {
  cloud = cloud.here
}

model "m" {
  source = "./model.onnx"
  bucket = bucket.models
}

endpoint "e" {
  cloud    = cloud.here
  model    = model.m
  replicas = 2
}

evaluation "v" {
  endpoint = endpoint.e
  dataset  = "local://here/models/none.json"
  label    = "label"
  metrics  = ["f1"]

  require {
    metric   = "f1"
    at_least = 0.5
  }
}
"#;
    let project = project();
    for (from, to, expected) in [
        ("./model.onnx", "./none.onnx", ["./none.onnx does not exist", "main.hcl:11:"]),
        ("./model.onnx", "./main.hcl", ["Invalid model file", "main.hcl:11:"]),
        ("bucket = bucket.models", "bucket = \"\"", ["Unknown bucket", "main.hcl:12:"]),
        ("replicas = 2", "replicas = 0.5", ["Invalid number of replicas", "main.hcl:18:"]),
        (
            "replicas = 2",
            "runtime = \"torch\"",
            ["Available: auto, tract, onnxruntime", "main.hcl:18:"],
        ),
        ("model    = model.m", "model    = model.n", ["Did you mean \"model.m\"?", "main.hcl:17:"]),
        ("[\"f1\"]", "[\"f2\"]", ["Available: accuracy, precision, recall, f1", "main.hcl:25:"]),
        ("metric   = \"f1\"", "metric   = \"recall\"", ["Available: f1", "main.hcl:28:"]),
        ("    at_least = 0.5\n", "", ["neither at_least nor at_most", "main.hcl:27:"]),
        ("none.json", "none.json", ["Dataset is not there", "main.hcl:23:"]),
    ] {
        let stack = Stack::new(&[]);
        std::fs::copy(
            project.join("testdata/fraud/model/fraud.onnx"),
            stack.path().join("model.onnx"),
        )
        .expect("copied");
        assert!(text.contains(from), "{from}");
        stack.write("main.hcl", &text.replace(from, to));
        let said = stack.bad(&["apply", "-auto-approve"]);
        for part in expected {
            assert!(said.contains(part), "{to}: {part} in {said}");
        }
        stack.write("main.hcl", text);
        stack.good(&["destroy", "-auto-approve"]);
    }
}

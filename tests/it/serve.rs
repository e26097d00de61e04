//! `serve`, as its starter and its clients see it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::Digest as _;

use crate::stack::{Stack, project, said};

fn testdata(name: &str) -> PathBuf {
    project().join("testdata").join(name)
}

/// A server that is ended when a test is over, however that ends.
struct Server {
    child: Child,
    ready: Value,
}

impl Server {
    fn start(stack: &Stack, model: &str, more: &[&str]) -> Self {
        let model = format!("-model={}", testdata(model).display());
        let mut arguments = vec!["serve", model.as_str(), "-name=fraud", "-ready-file=ready.json"];
        arguments.extend(more);
        let mut command = stack.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        // The address is printed after the ready file is there.
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("readable");
        let ready: Value = serde_json::from_str(&stack.read("ready.json")).expect("JSON");
        assert_eq!(ready["url"], line.trim_end(), "{ready}");
        Self { child, ready }
    }

    /// Asks it; the status and the body.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let url = self.ready["url"].as_str().expect("a text");
        let address = url.strip_prefix("http://").expect("plain HTTP");
        let mut stream = TcpStream::connect(address).expect("it listens");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .expect("it takes requests");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        (status, body.to_owned())
    }

    /// Sends a signal, and waits for the end; the exit code.
    fn end(&mut self, signal: rustix::process::Signal) -> Option<i32> {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, signal).expect("it runs");
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status.code();
            }
            std::thread::yield_now();
        }
        panic!("the server did not end")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request, and the probability that is to come back, from what was recorded.
fn example() -> (String, f64) {
    let text = std::fs::read_to_string(testdata("fraud/training/expected.json")).expect("it is");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let row = &expected["models"]["fraud"]["examples"][0];
    let tensor =
        json!({"name": "input", "shape": [1, 29], "datatype": "FP32", "data": row["input"]});
    let probability = row["probabilities"][0].as_f64().expect("a number");
    (json!({ "inputs": [tensor] }).to_string(), probability)
}

#[test]
fn a_server_answers_counts_and_ends_when_told() {
    let stack = Stack::new(&[]);
    let more = ["-model-version=7", "-replicas=2", "-instance=token-9", "-listen=127.0.0.1:0"];
    let mut server = Server::start(&stack, "fraud/model/fraud.onnx", &more);
    let pid = server.child.id();
    let url = server.ready["url"].clone();
    let ready = json!({
        "url": url, "pid": pid, "runtime": "tract", "model": "fraud", "version": "7",
        "replicas": 2, "instance": "token-9",
    });
    assert_eq!(server.ready, ready);

    let (status, body) = server.ask("GET", "/v2", "");
    assert_eq!(status, 200);
    let metadata: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(metadata["instance"], "token-9");

    let (request, expected) = example();
    for _ in 0..4 {
        let (status, body) = server.ask("POST", "/v2/models/fraud/infer", &request);
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        let found = answer["outputs"][0]["data"][0].as_f64().expect("a number");
        assert!((found - expected).abs() < 2e-6, "{found} is not {expected}");
    }
    let (status, body) = server.ask("POST", "/v2/models/fraud/infer", "{}");
    assert_eq!((status, body.contains("missing field `inputs`")), (400, true), "{body}");

    let (_, metrics) = server.ask("GET", "/metrics", "");
    for line in [
        "skyform_requests_total{model=\"fraud\",method=\"infer\",code=\"200\"} 4",
        "skyform_requests_total{model=\"fraud\",method=\"infer\",code=\"400\"} 1",
        "skyform_rows_total{model=\"fraud\"} 4",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
    assert_eq!(server.end(rustix::process::Signal::TERM), Some(0));
}

/// As a container that SageMaker starts: `serve`, and variables.
#[test]
fn a_server_is_told_by_variables_what_to_serve() {
    let stack = Stack::new(&[]);
    let model = testdata("fraud/model/fraud.onnx");
    let bytes = std::fs::read(&model).expect("the model");
    let digest: String =
        sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let start = |digest: &str| {
        let mut command = stack.command(&["serve"]);
        command.env("SKYFORM_MODEL", &model).env("SKYFORM_MODEL_NAME", "fraud");
        command.env("SKYFORM_MODEL_VERSION", "7").env("SKYFORM_MODEL_SHA256", digest);
        command.env("SKYFORM_LISTEN", "127.0.0.1:0");
        command
    };
    let mut child = start(&digest).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut url = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut url).expect("readable");
    let server = Server { child, ready: json!({"url": url.trim_end()}) };
    assert_eq!(server.ask("GET", "/ping", "").0, 200);
    assert_eq!(server.ask("GET", "/v2/models/fraud/versions/7/ready", "").0, 200);
    let (request, expected) = example();
    let (status, body) = server.ask("POST", "/invocations", &request);
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let found = answer["outputs"][0]["data"][0].as_f64().expect("a number");
    assert!((found - expected).abs() < 2e-6, "{found} is not {expected}");

    let other = said(&start("00ff").output().expect("it runs"));
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("Not the model that is meant"), "{}", other.stderr);
    let nothing = stack.bad(&["serve", "-name=fraud"]);
    assert!(nothing.contains("-model=FILE is missing, and SKYFORM_MODEL"), "{nothing}");
}

#[test]
fn an_interrupt_ends_a_server_too() {
    let stack = Stack::new(&[]);
    let mut server = Server::start(&stack, "models/kinds.onnx", &[]);
    assert_eq!(server.ready["instance"], Value::Null);
    assert_eq!(server.end(rustix::process::Signal::INT), Some(0));
}

#[test]
fn a_model_that_cannot_be_served_is_reported_to_the_starter() {
    let stack = Stack::new(&[("broken.onnx", "no model")]);
    let scaled = format!("-model={}", testdata("models/scaled.onnx").display());
    let cases = [
        ("-model=broken.onnx", "Not an ONNX model", "broken.onnx is no ONNX model"),
        ("-model=missing.onnx", "Model not readable", "missing.onnx: No such file"),
        (&scaled, "ONNX Runtime not found", "(tract) lacks: ai.onnx.ml.Scaler."),
    ];
    for (model, summary, detail) in cases {
        let arguments = ["serve", model, "-name=fraud", "-ready-file=ready.json"];
        // A name that leads nowhere hides every library of this machine.
        let mut command = stack.command(&arguments);
        let said = said(&command.env("ORT_DYLIB_PATH", "nowhere.so").output().expect("it runs"));
        assert_eq!((said.code, said.stdout.as_str()), (1, ""), "{}", said.stderr);
        assert!(said.stderr.contains(summary), "{}", said.stderr);
        let ready: Value = serde_json::from_str(&stack.read("ready.json")).expect("JSON");
        let error = &ready["error"];
        assert_eq!(error["summary"], summary);
        assert!(error["detail"].as_str().is_some_and(|text| text.contains(detail)), "{error}");
    }
    let ready: Value = serde_json::from_str(&stack.read("ready.json")).expect("JSON");
    let hint = ready["error"]["hint"].as_str().expect("a hint");
    assert!(hint.contains("pip install onnxruntime") && hint.contains("ORT_DYLIB_PATH"), "{hint}");
}

#[test]
fn an_address_in_use_is_an_error() {
    let stack = Stack::new(&[]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = format!("-listen={}", taken.local_addr().expect("it has one"));
    let model = format!("-model={}", testdata("fraud/model/fraud.onnx").display());
    let stderr = stack.bad(&["serve", &model, "-name=fraud", &listen]);
    assert!(stderr.contains("Address not usable"), "{stderr}");
}

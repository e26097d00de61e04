//! Tests of each route and each error, without a socket.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::service::{Limits, Service};
use crate::testing::{examples, in_tract, served, settings};

/// Asks a server; status, `Retry-After`, and the answer.
async fn ask(service: &Arc<Service>, method: Method, path: &str, body: &str) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = service.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn get(service: &Arc<Service>, path: &str) -> (u16, Value) {
    ask(service, Method::GET, path, "").await
}

async fn post(service: &Arc<Service>, path: &str, body: &str) -> (u16, Value) {
    ask(service, Method::POST, path, body).await
}

const A: &str = r#"{"name":"a","shape":[1,3],"datatype":"FP32","data":[[1,2,3]]}"#;
const B: &str = r#"{"name":"b","shape":[1,3],"datatype":"FP32","data":[1,1,0.5]}"#;

fn two() -> Arc<Service> {
    served("two", "models/two.onnx")
}

#[tokio::test]
async fn each_route_that_describes() {
    let service = two();
    let metadata = json!({
        "name": "two",
        "versions": ["3"],
        "platform": "onnx_tract",
        "inputs": [
            {"name": "a", "datatype": "FP32", "shape": [-1, 3]},
            {"name": "b", "datatype": "FP32", "shape": [-1, 3]},
        ],
        "outputs": [
            {"name": "sum", "datatype": "FP32", "shape": [-1, 3]},
            {"name": "rows", "datatype": "FP32", "shape": [-1]},
        ],
        "parameters": {},
    });
    let server = json!({
        "name": "skyform",
        "version": env!("CARGO_PKG_VERSION"),
        "extensions": ["model_repository", "metrics"],
        "instance": "token-1",
    });
    let model_is_ready = json!({"name": "two", "ready": true});
    let cases = [
        ("/v2", server),
        ("/v2/health/live", json!({"live": true})),
        ("/v2/health/ready", json!({"ready": true})),
        ("/v2/models/two", metadata.clone()),
        ("/v2/models/two/versions/3", metadata),
        ("/v2/models/two/ready", model_is_ready.clone()),
        ("/v2/models/two/versions/3/ready", model_is_ready),
    ];
    for (path, expected) in cases {
        assert_eq!(get(&service, path).await, (200, expected), "{path}");
    }
    let index = json!([{"name": "two", "version": "3", "state": "READY"}]);
    for body in ["", "{}", r#"{"ready": true}"#] {
        assert_eq!(post(&service, "/v2/repository/index", body).await, (200, index.clone()));
    }
}

#[tokio::test]
async fn inference_with_all_outputs_and_with_some() {
    let service = two();
    let sum = json!({"name": "sum", "datatype": "FP32", "shape": [1, 3], "data": [2.0, 3.0, 3.5]});
    let rows = json!({"name": "rows", "datatype": "FP32", "shape": [1], "data": [8.5]});
    let both =
        json!({"model_name": "two", "model_version": "3", "id": "x", "outputs": [sum, rows]});
    let body = format!(r#"{{"id":"x","inputs":[{A},{B}]}}"#);
    for path in ["/v2/models/two/infer", "/v2/models/two/versions/3/infer"] {
        assert_eq!(post(&service, path, &body).await, (200, both.clone()));
    }
    let body = format!(r#"{{"inputs":[{B},{A}],"outputs":[{{"name":"rows"}}]}}"#);
    let one = json!({"model_name": "two", "model_version": "3", "outputs": [rows]});
    assert_eq!(post(&service, "/v2/models/two/infer", &body).await, (200, one));
}

#[tokio::test]
async fn errors_say_what_is_wrong() {
    let service = two();
    let body = format!(r#"{{"inputs":[{A}]}}"#);
    let cases = [
        (Method::GET, "/", "", 404, "There is nothing at /."),
        (Method::GET, "/v2/models", "", 404, "There is nothing at /v2/models."),
        (
            Method::GET,
            "/v2/models/one",
            "",
            404,
            "There is no model \"one\" here; this server has \"two\".",
        ),
        (
            Method::POST,
            "/v2/models/one/infer",
            "",
            404,
            "There is no model \"one\" here; this server has \"two\".",
        ),
        (
            Method::GET,
            "/v2/models/two/versions/4/ready",
            "",
            404,
            "There is no version \"4\" of \"two\" here; it is \"3\".",
        ),
        (Method::GET, "/v2/models/two/infer", "", 405, "/v2/models/two/infer does not take GET."),
        (Method::DELETE, "/v2", "", 405, "/v2 does not take DELETE."),
        (
            Method::POST,
            "/v2/models/two/infer",
            "{",
            400,
            "The request cannot be read: EOF while parsing an object at line 1 column 1.",
        ),
        (Method::POST, "/v2/models/two/infer", &body, 400, "Input \"b\" is missing: FP32[-1, 3]."),
    ];
    for (method, path, body, status, message) in cases {
        let answer = ask(&service, method.clone(), path, body).await;
        assert_eq!(answer, (status, json!({"error": message})), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let mut settings = settings("two");
    settings.limits = Limits { body_bytes: 400, rows: 2, ..Limits::default() };
    let service = Service::start(&in_tract("models/two.onnx"), settings).unwrap();
    let path = "/v2/models/two/infer";
    let body = format!(r#"{{"inputs":[{A},{B}]}}"#);
    assert_eq!(post(&service, path, &body).await.0, 200);

    let long = format!("{body}{}", " ".repeat(400));
    let message = "The request is longer than 400 bytes, the most that is taken.";
    assert_eq!(post(&service, path, &long).await, (413, json!({"error": message})));

    let rows = r#"{"inputs":[
        {"name":"a","shape":[3,3],"datatype":"FP32","data":[1,1,1,1,1,1,1,1,1]},
        {"name":"b","shape":[3,3],"datatype":"FP32","data":[1,1,1,1,1,1,1,1,1]}]}"#;
    let message = "The request has 3 rows, where 2 are the most at once.";
    assert_eq!(post(&service, path, rows).await, (413, json!({"error": message})));
}

#[tokio::test]
async fn a_server_that_cannot_take_more_says_when_to_come_back() {
    let mut settings = settings("two");
    settings.limits.queue = 0;
    let service = Service::start(&in_tract("models/two.onnx"), settings).unwrap();
    let body = format!(r#"{{"inputs":[{A},{B}]}}"#);
    let request = Request::post("/v2/models/two/infer").body(Body::from(body)).unwrap();
    let response = service.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
}

#[tokio::test]
async fn every_answer_is_counted() {
    let service = two();
    let body = format!(r#"{{"inputs":[{A},{B}]}}"#);
    for _ in 0..3 {
        assert_eq!(post(&service, "/v2/models/two/infer", &body).await.0, 200);
    }
    post(&service, "/v2/models/two/infer", "{}").await;
    get(&service, "/v2/models/other/ready").await;
    get(&service, "/nowhere").await;
    let (status, text) = get(&service, "/metrics").await;
    let text = text.as_str().unwrap().to_owned();
    assert_eq!(status, 200);
    for line in [
        "skyform_requests_total{model=\"two\",method=\"infer\",code=\"200\"} 3",
        "skyform_requests_total{model=\"two\",method=\"infer\",code=\"400\"} 1",
        "skyform_requests_total{model=\"two\",method=\"model_ready\",code=\"404\"} 1",
        "skyform_requests_total{model=\"two\",method=\"unknown\",code=\"404\"} 1",
        "skyform_rows_total{model=\"two\"} 3",
        "skyform_inference_duration_seconds_count{model=\"two\"} 3",
        "skyform_in_flight{model=\"two\"} 0",
        "skyform_replicas{model=\"two\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_on_two_replicas_all_get_their_own_answer() {
    let service = served("fraud", "fraud/model/fraud.onnx");
    let examples = examples("fraud");
    let requests = (0..200).map(|number| {
        let service = Arc::clone(&service);
        let (input, expected) = examples[number % examples.len()].clone();
        tokio::spawn(async move {
            let tensor =
                json!({"name": "input", "shape": [1, 29], "datatype": "FP32", "data": input});
            let body = json!({"id": number.to_string(), "inputs": [tensor]}).to_string();
            let (status, answer) = post(&service, "/v2/models/fraud/infer", &body).await;
            assert_eq!(status, 200, "{answer}");
            assert_eq!(answer["id"], number.to_string());
            let found = answer["outputs"][0]["data"][0].as_f64().unwrap();
            assert!((found - f64::from(expected[0])).abs() < 2e-6, "{found}: {expected:?}");
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
}

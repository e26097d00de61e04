//! Tests of what SageMaker asks, without a socket.

use std::time::Duration;

use axum::body::to_bytes;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::testing::{examples, served};

/// Asks; status, type and text of the answer.
async fn ask(
    service: &Arc<Service>,
    headers: &[(&str, &str)],
    body: impl Into<String>,
) -> (u16, String, String) {
    let mut request = Request::post("/invocations");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.into())).unwrap();
    let response = service.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let kind = of(response.headers(), "content-type");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

async fn ping(service: &Arc<Service>) -> u16 {
    let request = Request::get("/ping").body(Body::empty()).unwrap();
    service.router().oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_ping_says_whether_the_model_answers() {
    let service = served("two", "models/two.onnx");
    assert_eq!(ping(&service).await, 200);
    service.pool.stop(Duration::from_secs(5));
    assert_eq!(ping(&service).await, 503);
}

#[tokio::test]
async fn each_form_of_a_request_has_the_same_answer() {
    let service = served("fraud", "fraud/model/fraud.onnx");
    let (input, expected) = examples("fraud")[0].clone();
    let tensor = json!({"name": "input", "shape": [1, 29], "datatype": "FP32", "data": input});
    let near = |found: f64| assert!((found - f64::from(expected[0])).abs() < 2e-6, "{found}");

    let json_type = [("content-type", "application/json; charset=utf-8")];
    let (status, _, text) =
        ask(&service, &json_type, json!({"inputs": [tensor]}).to_string()).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["model_name"], "fraud");
    near(answer["outputs"][0]["data"][0].as_f64().unwrap());

    let instances = json!({"instances": [input, input]}).to_string();
    let (status, kind, text) = ask(&service, &json_type, instances.clone()).await;
    assert_eq!((status, kind.as_str()), (200, JSON), "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let predictions = answer["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 2);
    let number = |value: &Value| value.as_f64().or_else(|| value[0].as_f64()).unwrap();
    near(number(&predictions[1]));

    let line: Vec<String> = input.iter().map(ToString::to_string).collect();
    let (status, kind, text) = ask(&service, &[("content-type", "text/csv")], line.join(",")).await;
    assert_eq!((status, kind.as_str()), (200, CSV), "{text}");
    near(text.trim_end().split(',').next().unwrap().parse().unwrap());
    let accept = [("content-type", "application/json"), ("accept", "text/csv")];
    assert_eq!(ask(&service, &accept, instances).await.1, CSV);
}

#[tokio::test]
async fn the_model_describes_itself_when_it_is_asked() {
    let service = served("two", "models/two.onnx");
    let (status, _, text) = ask(&service, &[(ATTRIBUTES, DESCRIBE)], "").await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &answer["inputs"][1]["name"]), (200, &json!("b")));
}

#[tokio::test]
async fn what_is_not_taken_is_said() {
    let service = served("two", "models/two.onnx");
    let csv = [("content-type", "text/csv")];
    for (headers, body, status, message) in [
        (&csv[..], "1,2,3", 400, "text/csv is for models with one input; this one has several."),
        (
            &[("content-type", "image/png")],
            "",
            415,
            "image/png is not taken; application/json and text/csv are.",
        ),
        (&[], "{}", 400, "The request cannot be read: missing field `inputs` at line 1 column 2."),
        (
            &[],
            r#"{"instances":[{"a":[1,2],"b":[1,2,3]}]}"#,
            400,
            "Input \"a\" has data nested as [1, 2], where the shape says [1, 3].",
        ),
    ] {
        let (found, _, text) = ask(&service, headers, body).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((found, answer), (status, json!({"error": message})), "{body}");
    }
}

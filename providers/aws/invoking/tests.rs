//! Requests to endpoints, at a server that answers as SageMaker's runtime is documented to.

use std::sync::Mutex;

use skyform_emulators::{Asked, Fault, Faulty};
use skyform_provider_s3::Limits;

use super::*;
use crate::testing;

fn runtime(url: Option<&str>) -> Runtime {
    Runtime::new(testing::session(url, Limits { attempts: 3, ..Limits::default() }))
}

fn answer(status: u16, kind: &str, body: &str) -> Fault {
    let headers = vec![format!("x-amzn-errortype: {kind}"), "Retry-After: 0".to_owned()];
    Fault::Answer { status, headers, body: body.to_owned() }
}

/// Asks a server that answers with these, one after the other; what came, and what was asked.
async fn asked(answers: Vec<Fault>, question: Question) -> (Result<Reply, Problem>, Vec<Asked>) {
    let Some(server) = skyform_emulators::moto() else { return (Err(nothing()), Vec::new()) };
    let (answers, seen) = (Mutex::new(answers.into_iter()), Arc::new(Mutex::new(Vec::new())));
    let heard = seen.clone();
    let front = Faulty::before(&server, move |asked| {
        heard.lock().expect("whole").push(asked.clone());
        answers.lock().expect("whole").next()
    });
    let url = format!("{}/endpoints/fraud/v2/models/fraud/versions/1", front.url());
    let reply = runtime(Some(front.url())).ask(&url, &question).await;
    let seen = seen.lock().expect("whole").clone();
    (reply, seen)
}

fn nothing() -> Problem {
    Problem::error(ProblemKind::Other, "Not run", "No emulator.")
}

#[tokio::test]
async fn requests_are_signed_and_led_to_the_container() {
    let (reply, seen) = asked(vec![answer(200, "", "{}")], Question::Infer(b"[1]".to_vec())).await;
    let Some(first) = seen.first() else { return };
    assert_eq!(reply.expect("it answers").body, b"{}");
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/endpoints/fraud/invocations")
    );
    assert_eq!(first.body, b"[1]");
    let head = first.head.to_ascii_lowercase();
    for part in [
        "authorization: aws4-hmac-sha256 credential=akid/",
        "/us-east-1/sagemaker/aws4_request, signedheaders=content-type;host;x-amz-date;x-amz-security-token, ",
        "x-amz-security-token: token\r\n",
        "content-type: application/json\r\n",
    ] {
        assert!(head.contains(part), "{part} in {head}");
    }
    let (_, seen) = asked(vec![answer(200, "", "{}")], Question::Describe).await;
    assert!(seen[0].head.to_ascii_lowercase().contains("attributes: skyform-describe\r\n"));
}

#[tokio::test]
async fn what_may_pass_is_asked_again_and_the_rest_is_told() {
    let throttled =
        || answer(400, "ThrottlingException:http://x", "{\"message\":\"Rate exceeded\"}");
    let once = vec![throttled(), answer(503, "", ""), answer(200, "", "{}")];
    let (reply, seen) = asked(once, Question::Describe).await;
    if seen.is_empty() {
        return;
    }
    assert!(reply.is_ok() && seen.len() == 3, "{reply:?}");
    let denied = "{\"Message\":\"The security token included in the request is expired\"}";
    let wrong =
        r#"{"Message":"m","OriginalMessage":"{\"error\":\"no rows\"}","OriginalStatusCode":400}"#;
    for (answers, times, kind, said) in [
        (vec![throttled(), throttled(), throttled()], 3, ProblemKind::Throttled, "Rate exceeded"),
        (
            vec![answer(403, "ExpiredTokenException", denied)],
            1,
            ProblemKind::Denied,
            "token included in the request is expired (ExpiredTokenException)",
        ),
        (
            vec![answer(400, "ValidationError", "{\"Message\":\"Endpoint fraud not found\"}")],
            1,
            ProblemKind::Invalid,
            "Endpoint fraud not found",
        ),
    ] {
        let (reply, seen) = asked(answers, Question::Describe).await;
        let problem = reply.expect_err(said);
        assert_eq!((problem.kind, seen.len()), (kind, times), "{}", problem.detail);
        assert!(problem.detail.contains(said), "{}", problem.detail);
    }
    let (reply, _) = asked(vec![answer(424, "ModelError", wrong)], Question::Describe).await;
    let reply = reply.expect("the container's own words");
    assert_eq!((reply.status, reply.body), (400, b"{\"error\":\"no rows\"}".to_vec()));
}

#[test]
fn only_urls_of_the_region_are_taken() {
    let runtime = runtime(None);
    let of = |url: &str| runtime.endpoint_of(url);
    let here = "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints";
    assert_eq!(of(&format!("{here}/fraud/v2/models/fraud")).as_deref(), Some("fraud"));
    for other in [
        format!("{here}/a b/invocations"),
        format!("{here}/"),
        "https://runtime.sagemaker.us-west-2.amazonaws.com/endpoints/fraud".to_owned(),
        "http://127.0.0.1:8000/v2/models/fraud".to_owned(),
    ] {
        assert_eq!(of(&other), None, "{other}");
    }
}

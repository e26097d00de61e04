//! What an endpoint of SageMaker is asked: signed requests to the service, which hands them on to the
//! container.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use serde::Deserialize;
use skyform_provider_s3::Session;
use skyform_provider_sdk::{Problem, ProblemKind, Question, Reply};

/// The name that requests are signed for.
const SERVICE: &str = "sagemaker";
/// How long one answer may take: the service itself waits a minute for the container.
const ANSWER_LIMIT: Duration = Duration::from_secs(70);
/// Most bytes of an answer.
const ANSWER_BYTES: u64 = 64 << 20;
/// Longest pause before another try.
const MOST_PAUSE: Duration = Duration::from_secs(20);

/// The runtime of an account in a region.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) session: Arc<Session>,
    agent: ureq::Agent,
}

/// An error of the service; of the container, with its own words.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    #[serde(alias = "Message")]
    message: String,
    #[serde(rename = "OriginalMessage")]
    original: String,
}

/// What came back.
struct Answer {
    status: u16,
    kind: String,
    retry_after: Option<u64>,
    body: Vec<u8>,
}

impl Runtime {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_LIMIT))
            .http_status_as_error(false)
            .build();
        Self { session, agent: ureq::Agent::new_with_config(config) }
    }

    /// The endpoint that a URL leads to, if it is one of this account's and region's.
    pub(crate) fn endpoint_of(&self, url: &str) -> Option<String> {
        let path = url.strip_prefix(&server(&self.session).ok()?)?.strip_prefix("/endpoints/")?;
        let name = path.split('/').next()?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_name && !name.is_empty()).then(|| name.to_owned())
    }

    /// Asks an endpoint, again where it may answer later.
    pub(crate) async fn ask(&self, url: &str, question: &Question) -> Result<Reply, Problem> {
        let Some(name) = self.endpoint_of(url) else {
            let detail = format!("{url} is no endpoint of SageMaker's in this region.");
            return Err(Problem::error(ProblemKind::Invalid, "Unknown endpoint", detail));
        };
        let mut pause = Duration::from_millis(500);
        for attempt in 1.. {
            let sent = self.send(&name, question).await;
            let may_pass = match &sent {
                Ok(answer) => may_pass(answer),
                Err(problem) => problem.kind == ProblemKind::Unavailable,
            };
            if attempt < self.session.limits.attempts && may_pass {
                let asked = sent.ok().and_then(|answer| answer.retry_after);
                tokio::time::sleep(asked.map_or(pause, Duration::from_secs).min(MOST_PAUSE)).await;
                pause = (pause * 2).min(MOST_PAUSE);
                continue;
            }
            return understand(&name, sent?);
        }
        Err(failed(&name, ProblemKind::Unavailable, "it was not asked"))
    }

    async fn send(&self, name: &str, question: &Question) -> Result<Answer, Problem> {
        // Those that expire are fetched again, and signed with anew.
        let credentials = self.session.credentials().await?;
        let url = format!("{}/endpoints/{name}/invocations", server(&self.session)?);
        let mut headers = vec![("content-type", "application/json")];
        let body = match question {
            Question::Describe => {
                headers.push(("x-amzn-sagemaker-custom-attributes", "skyform-describe"));
                b"{}".to_vec()
            }
            Question::Infer(body) => body.clone(),
        };
        let identity = Identity::from(credentials);
        let signed = signature(&identity, self.session.region()?, &url, &headers, &body)
            .map_err(|error| failed(name, ProblemKind::Other, &error.to_string()))?;
        let mut request = self.agent.post(&url);
        for (name, value) in headers.iter().copied().chain(signed.headers()) {
            request = request.header(name, value);
        }
        let sent = tokio::task::spawn_blocking(move || {
            let mut answer = request.send(&body[..])?;
            let header = |name: &str| {
                answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            };
            let kind = header("x-amzn-errortype").unwrap_or_default();
            let retry_after = header("retry-after").and_then(|text| text.parse().ok());
            let status = answer.status().as_u16();
            let body = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
            Ok::<_, ureq::Error>(Answer { status, kind, retry_after, body })
        });
        let unreachable = |reason: String| failed(name, ProblemKind::Unavailable, &reason);
        let sent = sent.await.map_err(|error| unreachable(error.to_string()))?;
        sent.map_err(|error| unreachable(error.to_string()))
    }
}

/// The headers that say who asks.
fn signature(
    identity: &Identity,
    region: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<SigningInstructions, Box<dyn Error + Send + Sync>> {
    let parameters = SigningParams::builder()
        .identity(identity)
        .region(region)
        .name(SERVICE)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?;
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new("POST", url, headers.iter().copied(), body)?;
    Ok(sign(request, &parameters.into())?.into_parts().0)
}

/// Where the service is asked, without a slash at the end.
pub(crate) fn server(session: &Session) -> Result<String, Problem> {
    let region = session.region()?;
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let usual = || format!("https://runtime.sagemaker.{region}.{domain}");
    Ok(session.endpoint("sagemaker-runtime").unwrap_or_else(usual))
}

/// Whether it may be another answer later.
fn may_pass(answer: &Answer) -> bool {
    answer.kind.starts_with("Throttling") || matches!(answer.status, 429 | 500 | 502..=504)
}

fn understand(name: &str, answer: Answer) -> Result<Reply, Problem> {
    let Answer { status, kind, body, .. } = answer;
    if (200..300).contains(&status) {
        return Ok(Reply { status, body });
    }
    let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    if status == 424 && !refusal.original.is_empty() {
        // What the container said is for whoever asked.
        return Ok(Reply { status: 400, body: refusal.original.into_bytes() });
    }
    let code = kind.split(':').next().unwrap_or_default();
    let meaning = match (status, code) {
        (403, _) | (_, "ExpiredTokenException" | "AccessDeniedException") => ProblemKind::Denied,
        (429, _) | (_, "ThrottlingException") => ProblemKind::Throttled,
        (404, _) => ProblemKind::NotFound,
        (500..=599, _) => ProblemKind::Unavailable,
        _ => ProblemKind::Invalid,
    };
    let said = match refusal.message.trim_end_matches('.') {
        "" => format!("status {status}"),
        said => format!(
            "{said} ({})",
            if code.is_empty() { status.to_string() } else { code.to_owned() }
        ),
    };
    let problem = failed(name, meaning, &said);
    Err(match meaning {
        ProblemKind::Denied => {
            problem.hint("Let these credentials do sagemaker:InvokeEndpoint, or fetch new ones.")
        }
        _ => problem,
    })
}

fn failed(name: &str, kind: ProblemKind, reason: &str) -> Problem {
    let detail = format!("The endpoint \"{name}\" of SageMaker: {}.", reason.trim_end_matches('.'));
    Problem::error(kind, "Endpoint does not answer as it should", detail)
}

#[cfg(test)]
mod tests;

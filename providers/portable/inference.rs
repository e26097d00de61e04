//! A client of the Open Inference Protocol, version 2: what an endpoint's model is, and what it says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use skyform_provider_sdk::{Cloud, Problem, ProblemKind, Question, Reply};

use crate::clouds::Clouds;

/// How long one answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// Most bytes of one answer.
const ANSWER_BYTES: u64 = 64 << 20;

/// A served model, at its URL.
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    /// Whose requests it takes, where plain HTTP will not do.
    cloud: Option<Arc<dyn Cloud>>,
}

/// What a model takes and gives.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) inputs: Vec<TensorMetadata>,
    /// What the model says of itself.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct TensorMetadata {
    pub(crate) name: String,
    pub(crate) datatype: String,
    /// -1: any.
    pub(crate) shape: Vec<i64>,
}

#[derive(Serialize)]
struct Request<'a> {
    inputs: [Input<'a>; 1],
}

#[derive(Serialize)]
struct Input<'a> {
    name: &'a str,
    shape: [usize; 2],
    datatype: &'a str,
    data: &'a [f32],
}

#[derive(Deserialize)]
struct Response {
    outputs: Vec<Output>,
}

/// One tensor of an answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) datatype: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Client {
    /// A client of the model at a URL, which may be one of a cloud's that is declared.
    pub(crate) fn new(clouds: &Clouds, url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_LIMIT))
            .http_status_as_error(false)
            .build();
        let url = url.trim_end_matches('/').to_owned();
        let declared = clouds.declared();
        let cloud = declared.iter().find_map(|settings| {
            clouds.cloud(settings).ok().filter(|cloud| cloud.takes_questions_for(&url))
        });
        Self { agent: ureq::Agent::new_with_config(config), url, cloud }
    }

    /// What the model takes and gives.
    pub(crate) async fn metadata(&self) -> Result<Metadata, Problem> {
        self.ask(Question::Describe).await
    }

    /// What the model says to rows of numbers; `rows` has `width` numbers a row.
    pub(crate) async fn infer(
        &self,
        input: &TensorMetadata,
        rows: &[f32],
        width: usize,
    ) -> Result<Vec<Output>, Problem> {
        let shape = [rows.len() / width.max(1), width];
        let request = Request {
            inputs: [Input { name: &input.name, shape, datatype: &input.datatype, data: rows }],
        };
        let body = serde_json::to_vec(&request).map_err(|error| self.failed(&error.to_string()))?;
        let response: Response = self.ask(Question::Infer(body)).await?;
        Ok(response.outputs)
    }

    async fn ask<T: for<'de> Deserialize<'de>>(&self, question: Question) -> Result<T, Problem> {
        let Reply { status, body } = match &self.cloud {
            Some(cloud) => cloud.ask_endpoint(&self.url, &question).await?,
            None => self.ask_plainly(question).await?,
        };
        if !(200..300).contains(&status) {
            let said = serde_json::from_slice(&body)
                .map_or_else(|_| String::new(), |refusal: Refusal| format!(": {}", refusal.error));
            return Err(self.failed(&format!("status {status}{said}")));
        }
        serde_json::from_slice(&body).map_err(|error| self.failed(&error.to_string()))
    }

    /// Over HTTP, on a thread that may wait.
    async fn ask_plainly(&self, question: Question) -> Result<Reply, Problem> {
        let (agent, url) = (self.agent.clone(), self.url.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let mut answer = match question {
                Question::Describe => agent.get(&url).call()?,
                Question::Infer(body) => {
                    let request = agent.post(format!("{url}/infer"));
                    request.content_type("application/json").send(&body[..])?
                }
            };
            let status = answer.status().as_u16();
            let body = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
            Ok::<_, ureq::Error>(Reply { status, body })
        });
        let asked = asked.await.map_err(|error| self.failed(&error.to_string()))?;
        asked.map_err(|error| self.failed(&error.to_string()))
    }

    fn failed(&self, reason: &str) -> Problem {
        let detail = format!("{}: {}.", self.url, reason.trim_end_matches('.'));
        Problem::error(ProblemKind::Unavailable, "Endpoint does not answer as it should", detail)
    }
}

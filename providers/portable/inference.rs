//! A client of the Open Inference Protocol, version 2: what an endpoint's model is, and what it says.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use skyform_provider_sdk::{Problem, ProblemKind};

/// How long one answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// Most bytes of one answer.
const ANSWER_BYTES: u64 = 64 << 20;

/// A served model, at its URL.
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
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
    pub(crate) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_LIMIT))
            .http_status_as_error(false)
            .build();
        let url = url.trim_end_matches('/').to_owned();
        Self { agent: ureq::Agent::new_with_config(config), url }
    }

    /// What the model takes and gives.
    pub(crate) fn metadata(&self) -> Result<Metadata, Problem> {
        let answer = self.agent.get(&self.url).call();
        self.understand(answer)
    }

    /// What the model says to rows of numbers; `rows` has `width` numbers a row.
    pub(crate) fn infer(
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
        let url = format!("{}/infer", self.url);
        let answer = self.agent.post(&url).content_type("application/json").send(&body[..]);
        self.understand::<Response>(answer).map(|response| response.outputs)
    }

    fn understand<T: for<'de> Deserialize<'de>>(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, Problem> {
        let mut answer = answer.map_err(|error| self.failed(&error.to_string()))?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
        let body = body.map_err(|error| self.failed(&error.to_string()))?;
        if !status.is_success() {
            let said = serde_json::from_slice(&body)
                .map_or_else(|_| String::new(), |refusal: Refusal| format!(": {}", refusal.error));
            return Err(self.failed(&format!("{status}{said}")));
        }
        serde_json::from_slice(&body).map_err(|error| self.failed(&error.to_string()))
    }

    fn failed(&self, reason: &str) -> Problem {
        let detail = format!("{}: {}.", self.url, reason.trim_end_matches('.'));
        Problem::error(ProblemKind::Unavailable, "Endpoint does not answer as it should", detail)
    }
}

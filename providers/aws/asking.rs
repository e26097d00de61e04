//! Asking machines over HTTP whether they serve.

use std::time::Duration;

use serde::Deserialize;

/// How long a machine may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// Most bytes of an answer.
const ANSWER_BYTES: u64 = 64 << 10;

/// How machines are asked: through the proxy of the environment, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    agent: ureq::Agent,
}

/// What a server says of itself.
#[derive(Deserialize)]
struct About {
    instance: Option<String>,
}

impl Default for Asking {
    fn default() -> Self {
        Self { agent: ureq::Agent::new_with_config(limited().build()) }
    }
}

/// The client's limits; a machine that refuses has answered.
fn limited() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    ureq::Agent::config_builder().timeout_global(Some(ANSWER_LIMIT)).http_status_as_error(false)
}

impl Asking {
    /// Through a proxy, so that a test can be the network that machines are in.
    #[cfg(test)]
    pub(crate) fn through(proxy: &str) -> Self {
        let proxy = ureq::Proxy::new(proxy).expect("a proxy's URL");
        Self { agent: ureq::Agent::new_with_config(limited().proxy(Some(proxy)).build()) }
    }

    /// Whether the server at a URL is ready, and is the one that is meant: addresses are given to other
    /// machines again.
    pub(crate) async fn is_ready(&self, url: String, instance: String) -> bool {
        let agent = self.agent.clone();
        let ask = move || {
            let ping = agent.get(format!("{url}/ping")).call().ok()?;
            if !ping.status().is_success() {
                return None;
            }
            let mut about = agent.get(format!("{url}/v2")).call().ok()?;
            let text = about.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec().ok()?;
            let about: About = serde_json::from_slice(&text).ok()?;
            (about.instance == Some(instance)).then_some(())
        };
        tokio::task::spawn_blocking(ask).await.ok().flatten().is_some()
    }
}

//! Questions to servers, with bounds on time and size.

use std::time::Duration;

use crate::ModuleError;

/// Larger answers are refused.
const MAX_BYTES: u64 = 512 << 20;

/// What a server answered.
pub(crate) struct Answer {
    /// `X-Terraform-Get`: where the module really is.
    pub location: Option<String>,
    /// The content's type.
    pub content_type: String,
    pub body: Vec<u8>,
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_global(Some(Duration::from_secs(300)))
        .user_agent(concat!("skyform/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

pub(crate) fn get(agent: &ureq::Agent, url: &str) -> Result<Answer, ModuleError> {
    let failed = |reason: String| ModuleError::Http { url: url.to_owned(), reason };
    let mut response = agent.get(url).call().map_err(|error| failed(error.to_string()))?;
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let location = header("X-Terraform-Get").filter(|location| !location.is_empty());
    let content_type = header("Content-Type").unwrap_or_default();
    let body = response.body_mut().with_config().limit(MAX_BYTES).read_to_vec();
    let body = body.map_err(|error| failed(error.to_string()))?;
    Ok(Answer { location, content_type, body })
}

/// `location` as seen from `base`.
pub(crate) fn resolve(base: &str, location: &str) -> String {
    if location.contains("://") || location.contains("::") {
        return location.to_owned();
    }
    let scheme_end = base.find("://").map_or(0, |at| at + 3);
    let host_end = base[scheme_end..].find('/').map_or(base.len(), |at| scheme_end + at);
    if location.starts_with('/') {
        return format!("{}{location}", &base[..host_end]);
    }
    let path_end = base.split('?').next().map_or(base.len(), str::len);
    let folder_end = base[..path_end].rfind('/').filter(|at| *at >= host_end).unwrap_or(host_end);
    let mut folder = &base[..folder_end];
    let mut rest = location;
    loop {
        if let Some(below) = rest.strip_prefix("./") {
            rest = below;
        } else if let Some(above) = rest.strip_prefix("../") {
            rest = above;
            let up = folder.rfind('/').filter(|at| *at >= host_end);
            folder = &folder[..up.unwrap_or(host_end)];
        } else {
            return format!("{folder}/{rest}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn locations_are_resolved_as_in_a_browser() {
        let base = "https://a.b/c/d/download?x=y";
        let cases = [
            ("/z.zip", "https://a.b/z.zip"),
            ("z.zip", "https://a.b/c/d/z.zip"),
            ("./z.zip", "https://a.b/c/d/z.zip"),
            ("../z.zip", "https://a.b/c/z.zip"),
            ("../../../z.zip", "https://a.b/z.zip"),
            ("https://x/y", "https://x/y"),
            ("git::https://x/y", "git::https://x/y"),
        ];
        for (location, expected) in cases {
            assert_eq!(resolve(base, location), expected, "{location}");
        }
    }
}

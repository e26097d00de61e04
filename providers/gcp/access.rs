//! Who may read a bucket without credentials: a binding in its policy.

use reqwest::Method;
use serde_json::{Value, json};
use skyform_provider_sdk::{Problem, ProblemKind};

use crate::api::{Api, Call};

/// Everyone, and what they may do.
const ANYONE: &str = "allUsers";
const READER: &str = "roles/storage.objectViewer";

/// Whether anyone may read. A policy that we may not see, or that the server does not have, lets nobody
/// in as far as we know.
pub(crate) async fn is_public(api: &Api, bucket: &str, what: &str) -> Result<bool, Problem> {
    match policy(api, bucket, what).await {
        Ok(policy) => Ok(lets_anyone_read(&policy)),
        Err(problem) if matches!(problem.kind, ProblemKind::Denied | ProblemKind::NotFound) => {
            Ok(false)
        }
        Err(problem) => Err(problem),
    }
}

/// Lets anyone read, or nobody any more. Other bindings stay.
pub(crate) async fn set(api: &Api, bucket: &str, public: bool, what: &str) -> Result<(), Problem> {
    let before = policy(api, bucket, what).await?;
    if lets_anyone_read(&before) == public {
        return Ok(());
    }
    let body = changed(before, public);
    let path = [bucket, "iam"];
    let call = Call { method: Method::PUT, path: &path, query: &[], body: Some(&body), what };
    api.call(call).await.map(drop)
}

async fn policy(api: &Api, bucket: &str, what: &str) -> Result<Value, Problem> {
    let path = [bucket, "iam"];
    // Bindings with conditions are shown from this version on.
    let query = [("optionsRequestedPolicyVersion", "3")];
    api.call(Call { method: Method::GET, path: &path, query: &query, body: None, what }).await
}

fn lets_anyone_read(policy: &Value) -> bool {
    let bindings = policy["bindings"].as_array().into_iter().flatten();
    bindings.filter(|binding| is_readers(binding)).any(|binding| {
        let mut members = binding["members"].as_array().into_iter().flatten();
        members.any(|member| member == ANYONE)
    })
}

fn is_readers(binding: &Value) -> bool {
    binding["role"] == READER && binding["condition"].is_null()
}

fn changed(mut policy: Value, public: bool) -> Value {
    let mut bindings = policy["bindings"].as_array().cloned().unwrap_or_default();
    if public {
        bindings.push(json!({ "role": READER, "members": [ANYONE] }));
    } else {
        for binding in bindings.iter_mut().filter(|binding| is_readers(binding)) {
            if let Some(members) = binding["members"].as_array_mut() {
                members.retain(|member| member != ANYONE);
            }
        }
        bindings.retain(|binding| binding["members"] != json!([]));
    }
    policy["bindings"] = bindings.into();
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_binding_is_touched() {
        let others = json!({
            "etag": "CAE=",
            "bindings": [
                { "role": READER, "members": ["user:a@example.com"] },
                { "role": "roles/storage.admin", "members": [ANYONE] },
                { "role": READER, "members": [ANYONE], "condition": { "expression": "false" } },
            ],
        });
        assert!(!lets_anyone_read(&others));
        let open = changed(others.clone(), true);
        assert!(lets_anyone_read(&open));
        assert_eq!(open["etag"], "CAE=");
        assert_eq!(changed(open, false), others);
    }
}

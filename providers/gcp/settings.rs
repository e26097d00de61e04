//! What is set on a bucket, as the JSON API says it.
//!
//! Rules of the API have no names and do one thing each. Which of them are one rule of ours, and its
//! name, is kept in labels. Source: "Buckets: resource representations", Cloud Storage JSON API.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use skyform_provider_sdk::{BucketSettings, BucketSpec, CorsRule, Encryption, LifecycleRule};

use crate::labels::{self, Labels};

/// Labels of ours.
const TOKEN: &str = "skyform-token";
const OWNER: &str = "skyform-owner";
const RULE: &str = "skyform-rule";

/// A bucket as the API shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Bucket {
    pub(crate) labels: Labels,
    versioning: Versioning,
    encryption: KeyName,
    lifecycle: Lifecycle,
    cors: Vec<Cors>,
    iam_configuration: IamConfiguration,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Versioning {
    enabled: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct KeyName {
    default_kms_key_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lifecycle {
    rule: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rule {
    action: Action,
    condition: Condition,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Action {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Condition {
    age: Option<u32>,
    days_since_noncurrent_time: Option<u32>,
    matches_prefix: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cors {
    origin: Vec<String>,
    method: Vec<String>,
    response_header: Vec<String>,
    max_age_seconds: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct IamConfiguration {
    public_access_prevention: String,
}

impl Bucket {
    pub(crate) fn token(&self) -> String {
        labels::get(&self.labels, TOKEN)
    }

    pub(crate) fn owner(&self) -> String {
        labels::get(&self.labels, OWNER)
    }

    /// Whether nobody can be let in without credentials, whatever a policy says.
    pub(crate) fn is_closed(&self) -> bool {
        self.iam_configuration.public_access_prevention == "enforced"
    }

    /// What is set on it; who may read is asked for elsewhere.
    pub(crate) fn settings(&self, public_access: bool) -> BucketSettings {
        let key = self.encryption.default_kms_key_name.clone();
        BucketSettings {
            versioning: self.versioning.enabled,
            tags: labels::tags(&self.labels),
            public_access,
            encryption: key.map(|key| Encryption { key: Some(key) }),
            lifecycle_rules: self.lifecycle_rules(),
            cors_rules: self.cors.iter().map(cors_rule).collect(),
        }
    }

    fn lifecycle_rules(&self) -> Vec<LifecycleRule> {
        let mut rest = self.lifecycle.rule.as_slice();
        let mut rules = Vec::new();
        for number in 1.. {
            let Some((count, name)) = kept_rule(&self.labels, number) else { break };
            let (these, after) = rest.split_at(count.min(rest.len()));
            let Some(rule) = joined(&name, these) else { break };
            rules.push(rule);
            rest = after;
        }
        // What someone else has set is shown rule by rule.
        for rule in rest {
            let name = format!("rule-{}", rules.len() + 1);
            rules.extend(joined(&name, std::slice::from_ref(rule)));
        }
        rules
    }
}

fn cors_rule(cors: &Cors) -> CorsRule {
    CorsRule {
        allowed_origins: cors.origin.clone(),
        allowed_methods: cors.method.clone(),
        allowed_headers: Vec::new(),
        exposed_headers: cors.response_header.clone(),
        max_age_seconds: cors.max_age_seconds,
    }
}

/// How many of the API's rules are our rule of that number, and its name.
fn kept_rule(labels: &Labels, number: usize) -> Option<(usize, String)> {
    let kept = labels::get(labels, &format!("{RULE}{number}"));
    let (count, name) = kept.split_once('-')?;
    Some((count.parse().ok()?, name.to_owned()))
}

/// One rule of ours made from the API's; none if they are of another kind.
fn joined(name: &str, rules: &[Rule]) -> Option<LifecycleRule> {
    let prefix = rules.first()?.condition.matches_prefix.first().cloned().unwrap_or_default();
    let mut joined = LifecycleRule { name: name.to_owned(), prefix, ..LifecycleRule::default() };
    for Rule { action, condition } in rules {
        match action.kind.as_str() {
            "Delete" if condition.days_since_noncurrent_time.is_some() => {
                joined.expire_noncurrent_days = condition.days_since_noncurrent_time;
            }
            "Delete" => joined.expire_days = condition.age,
            "AbortIncompleteMultipartUpload" => joined.abort_uploads_days = condition.age,
            _ => return None,
        }
    }
    Some(joined)
}

/// The API's rules for one of ours.
fn split(rule: &LifecycleRule) -> Vec<Value> {
    let made = |kind: &str, condition: &str, days: Option<u32>| {
        let days = days?;
        let mut conditions = Map::from_iter([(condition.to_owned(), days.into())]);
        if !rule.prefix.is_empty() {
            conditions.insert("matchesPrefix".to_owned(), json!([rule.prefix]));
        }
        Some(json!({ "action": { "type": kind }, "condition": conditions }))
    };
    let rules = [
        made("Delete", "age", rule.expire_days),
        made("Delete", "daysSinceNoncurrentTime", rule.expire_noncurrent_days),
        made("AbortIncompleteMultipartUpload", "age", rule.abort_uploads_days),
    ];
    rules.into_iter().flatten().collect()
}

/// The labels of a bucket that is to be like this.
pub(crate) fn labels_of(spec: &BucketSpec) -> Labels {
    let mut all: Labels = spec.settings.tags.clone();
    labels::put(&mut all, OWNER, &spec.owner);
    if !spec.token.is_empty() {
        labels::put(&mut all, TOKEN, &spec.token);
    }
    for (number, rule) in (1..).zip(&spec.settings.lifecycle_rules) {
        let kept = format!("{}-{}", split(rule).len(), rule.name);
        labels::put(&mut all, &format!("{RULE}{number}"), &kept);
    }
    all
}

/// What the API is told about a bucket that is to be like this; labels that it has and is not to have
/// are taken away.
pub(crate) fn body(spec: &BucketSpec, before: &Labels) -> Value {
    let settings = &spec.settings;
    let wanted = labels_of(spec);
    let gone = before.keys().filter(|name| !wanted.contains_key(*name));
    let gone = gone.map(|name| (name.clone(), Value::Null)).collect::<Vec<_>>();
    let kept = wanted.into_iter().map(|(name, value)| (name, Value::from(value)));
    let labels: Map<String, Value> = kept.chain(gone).collect();
    let key = settings.encryption.as_ref().and_then(|encryption| encryption.key.clone());
    let prevention = if settings.public_access { "inherited" } else { "enforced" };
    let cors = settings.cors_rules.iter().map(|rule| {
        let mut cors = json!({
            "origin": rule.allowed_origins,
            "method": rule.allowed_methods,
            "responseHeader": rule.exposed_headers,
        });
        if let Some(seconds) = rule.max_age_seconds {
            cors["maxAgeSeconds"] = seconds.into();
        }
        cors
    });
    json!({
        "labels": labels,
        "versioning": { "enabled": settings.versioning },
        "encryption": key.map(|key| json!({ "defaultKmsKeyName": key })),
        "lifecycle": { "rule": settings.lifecycle_rules.iter().flat_map(split).collect::<Vec<_>>() },
        "cors": cors.collect::<Vec<_>>(),
        "iamConfiguration": {
            "uniformBucketLevelAccess": { "enabled": true },
            "publicAccessPrevention": prevention,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> BucketSpec {
        let rule = |name: &str, prefix: &str, days: [Option<u32>; 3]| LifecycleRule {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            expire_days: days[0],
            expire_noncurrent_days: days[1],
            abort_uploads_days: days[2],
        };
        BucketSpec {
            name: "data".to_owned(),
            owner: "bucket.data[\"é\"]".to_owned(),
            token: "staging of fraud".to_owned(),
            settings: BucketSettings {
                versioning: true,
                tags: [("team".to_owned(), "fraud".to_owned())].into(),
                public_access: false,
                encryption: Some(Encryption { key: Some("projects/p/k".to_owned()) }),
                lifecycle_rules: vec![
                    rule("Old logs", "logs/", [Some(30), None, Some(1)]),
                    rule("same place", "logs/", [None, Some(7), None]),
                    rule("all", "", [Some(400), Some(90), Some(2)]),
                ],
                cors_rules: vec![CorsRule {
                    allowed_origins: vec!["*".to_owned()],
                    allowed_methods: vec!["GET".to_owned()],
                    exposed_headers: vec!["ETag".to_owned()],
                    max_age_seconds: Some(60),
                    ..CorsRule::default()
                }],
            },
        }
    }

    fn shown(value: Value) -> Bucket {
        serde_json::from_value(value).expect("a bucket")
    }

    #[test]
    fn what_is_told_is_what_is_shown() {
        let bucket = shown(body(&spec(), &Labels::new()));
        assert_eq!(bucket.settings(false), spec().settings);
        assert_eq!((bucket.token(), bucket.owner()), (spec().token, spec().owner));
        assert!(bucket.is_closed());
    }

    #[test]
    fn rules_of_others_are_shown_too() {
        let mut value = body(&spec(), &Labels::new());
        let rules = value["lifecycle"]["rule"].as_array_mut().expect("a list");
        rules.push(json!({ "action": { "type": "Delete" }, "condition": { "age": 3 } }));
        let shown = shown(value).settings(false).lifecycle_rules;
        assert_eq!(shown.len(), 4);
        assert_eq!((shown[3].name.as_str(), shown[3].expire_days), ("rule-4", Some(3)));
    }

    #[test]
    fn labels_that_are_not_wanted_go() {
        let before =
            Labels::from([("team".to_owned(), "x".to_owned()), ("old".to_owned(), "y".to_owned())]);
        let labels = &body(&spec(), &before)["labels"];
        assert_eq!((&labels["team"], &labels["old"]), (&json!("fraud"), &Value::Null));
    }

    #[test]
    fn a_bucket_of_which_little_is_said_is_plain() {
        let bucket = shown(json!({ "name": "data" }));
        assert_eq!(bucket.settings(false), BucketSettings::default());
        assert_eq!(bucket.token(), "");
        assert!(!bucket.is_closed());
    }
}

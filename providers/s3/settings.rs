//! What is set on a bucket, in the protocol's types and back.

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration,
    CorsRule as ProtocolCorsRule, ExpirationStatus, LifecycleExpiration,
    LifecycleRule as ProtocolLifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use serde_json::{Value as Json, json};
use skyform_provider_sdk::{CorsRule, Encryption, LifecycleRule};

/// The part of a policy that lets anyone read.
const PUBLIC_READ: &str = "SkyformPublicRead";

pub(crate) fn lifecycle(
    rules: &[LifecycleRule],
) -> Result<BucketLifecycleConfiguration, BuildError> {
    let days = |days: Option<u32>| days.map(in_range);
    let mut configuration = BucketLifecycleConfiguration::builder();
    for rule in rules {
        let mut built = ProtocolLifecycleRule::builder()
            .id(&rule.name)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix(&rule.prefix).build());
        if let Some(days) = days(rule.expire_days) {
            built = built.expiration(LifecycleExpiration::builder().days(days).build());
        }
        if let Some(days) = days(rule.expire_noncurrent_days) {
            let old = NoncurrentVersionExpiration::builder().noncurrent_days(days).build();
            built = built.noncurrent_version_expiration(old);
        }
        if let Some(days) = days(rule.abort_uploads_days) {
            let uploads =
                AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build();
            built = built.abort_incomplete_multipart_upload(uploads);
        }
        configuration = configuration.rules(built.build()?);
    }
    configuration.build()
}

pub(crate) fn lifecycle_found(rules: &[ProtocolLifecycleRule]) -> Vec<LifecycleRule> {
    let days = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok());
    let enabled = rules.iter().filter(|rule| rule.status == ExpirationStatus::Enabled);
    let rule = |rule: &ProtocolLifecycleRule| LifecycleRule {
        name: rule.id.clone().unwrap_or_default(),
        prefix: rule.filter().and_then(LifecycleRuleFilter::prefix).unwrap_or_default().to_owned(),
        expire_days: days(rule.expiration().and_then(LifecycleExpiration::days)),
        expire_noncurrent_days: days(
            rule.noncurrent_version_expiration()
                .and_then(NoncurrentVersionExpiration::noncurrent_days),
        ),
        abort_uploads_days: days(
            rule.abort_incomplete_multipart_upload()
                .and_then(AbortIncompleteMultipartUpload::days_after_initiation),
        ),
    };
    enabled.map(rule).collect()
}

pub(crate) fn cors(rules: &[CorsRule]) -> Result<CorsConfiguration, BuildError> {
    let some = |items: &[String]| (!items.is_empty()).then(|| items.to_vec());
    let mut configuration = CorsConfiguration::builder();
    for rule in rules {
        let built = ProtocolCorsRule::builder()
            .set_allowed_origins(Some(rule.allowed_origins.clone()))
            .set_allowed_methods(Some(rule.allowed_methods.clone()))
            .set_allowed_headers(some(&rule.allowed_headers))
            .set_expose_headers(some(&rule.exposed_headers))
            .set_max_age_seconds(rule.max_age_seconds.map(in_range));
        configuration = configuration.cors_rules(built.build()?);
    }
    configuration.build()
}

pub(crate) fn cors_found(rules: &[ProtocolCorsRule]) -> Vec<CorsRule> {
    let rule = |rule: &ProtocolCorsRule| CorsRule {
        allowed_origins: rule.allowed_origins().to_vec(),
        allowed_methods: rule.allowed_methods().to_vec(),
        allowed_headers: rule.allowed_headers().to_vec(),
        exposed_headers: rule.expose_headers().to_vec(),
        max_age_seconds: rule.max_age_seconds().and_then(|age| u32::try_from(age).ok()),
    };
    rules.iter().map(rule).collect()
}

pub(crate) fn encryption(
    encryption: &Encryption,
) -> Result<ServerSideEncryptionConfiguration, BuildError> {
    let how = match &encryption.key {
        Some(key) => ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::AwsKms)
            .kms_master_key_id(key),
        None => {
            ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256)
        }
    };
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(how.build()?)
        // One request for a key for many objects, not one for each.
        .bucket_key_enabled(encryption.key.is_some());
    ServerSideEncryptionConfiguration::builder().rules(rule.build()).build()
}

pub(crate) fn encryption_found(found: &ServerSideEncryptionConfiguration) -> Option<Encryption> {
    let rule = found.rules().first()?;
    let how = rule.apply_server_side_encryption_by_default()?;
    Some(Encryption { key: how.kms_master_key_id().map(str::to_owned) })
}

/// Whether a policy lets anyone read, by the part that is ours.
pub(crate) fn is_public(policy: &str) -> bool {
    let policy: Json = serde_json::from_str(policy).unwrap_or_default();
    statements(&policy).iter().any(|statement| statement["Sid"] == PUBLIC_READ)
}

/// A policy with that part or without it, its other parts as they are; none if nothing is left.
pub(crate) fn with_public(
    policy: Option<&str>,
    bucket: &str,
    partition: &str,
    public: bool,
) -> Option<String> {
    let mut policy: Json = policy
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| json!({"Version": "2012-10-17", "Statement": []}));
    let mut parts = statements(&policy);
    parts.retain(|statement| statement["Sid"] != PUBLIC_READ);
    if public {
        parts.push(json!({
            "Sid": PUBLIC_READ,
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": format!("arn:{partition}:s3:::{bucket}/*"),
        }));
    }
    if parts.is_empty() {
        return None;
    }
    policy["Statement"] = Json::Array(parts);
    Some(policy.to_string())
}

fn statements(policy: &Json) -> Vec<Json> {
    match &policy["Statement"] {
        Json::Array(parts) => parts.clone(),
        Json::Object(one) => vec![Json::Object(one.clone())],
        _ => Vec::new(),
    }
}

fn in_range(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_back_as_they_were() {
        let rules = [
            LifecycleRule {
                name: "old".to_owned(),
                prefix: "logs/".to_owned(),
                expire_days: Some(30),
                ..LifecycleRule::default()
            },
            LifecycleRule {
                name: "uploads".to_owned(),
                expire_noncurrent_days: Some(7),
                abort_uploads_days: Some(1),
                ..LifecycleRule::default()
            },
        ];
        assert_eq!(lifecycle_found(lifecycle(&rules).expect("built").rules()), rules);
        let rules = [CorsRule {
            allowed_origins: vec!["https://a.example".to_owned()],
            allowed_methods: vec!["GET".to_owned()],
            max_age_seconds: Some(60),
            ..CorsRule::default()
        }];
        assert_eq!(cors_found(cors(&rules).expect("built").cors_rules()), rules);
        for key in [None, Some("alias/k".to_owned())] {
            let wanted = Encryption { key };
            assert_eq!(encryption_found(&encryption(&wanted).expect("built")), Some(wanted));
        }
    }

    #[test]
    fn a_policy_keeps_its_other_parts() {
        let other = r#"{"Version":"2012-10-17","Statement":{"Sid":"Other","Effect":"Deny"}}"#;
        let public = with_public(Some(other), "data", "aws", true).expect("a policy");
        assert!(is_public(&public) && public.contains("Other"), "{public}");
        let again = with_public(Some(&public), "data", "aws", false).expect("a policy");
        assert!(!is_public(&again) && again.contains("Other"), "{again}");
        let alone = with_public(None, "data", "aws", true).expect("a policy");
        assert_eq!(with_public(Some(&alone), "data", "aws", false), None);
    }
}

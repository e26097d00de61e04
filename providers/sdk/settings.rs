//! What a `cloud` block says about how it is driven.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a `cloud` block says about how it is driven.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CloudSettings {
    /// The block's label.
    #[serde(rename = "cloud")]
    pub name: String,
    /// The driver's name.
    pub driver: String,
    /// The region.
    pub region: String,
    /// Another server's URL, for all services.
    pub endpoint: Option<String>,
    /// Other servers' URLs, by service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, String>,
    /// The account that everything is in, where a cloud's names are unique only within one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The project that everything is in, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The named profile of the cloud's own configuration files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The bucket that models are staged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staging: Option<String>,
    /// Whether endpoints run on the machine that the program runs on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub serve_here: bool,
}

impl CloudSettings {
    /// Another server's URL for a service, if there is one.
    pub fn endpoint_of(&self, service: &str) -> Option<&str> {
        self.endpoints.get(service).or(self.endpoint.as_ref()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_its_own_server_or_that_of_all() {
        let settings = CloudSettings {
            endpoint: Some("http://all".to_owned()),
            endpoints: BTreeMap::from([("s3".to_owned(), "http://s3".to_owned())]),
            ..CloudSettings::default()
        };
        assert_eq!(settings.endpoint_of("s3"), Some("http://s3"));
        assert_eq!(settings.endpoint_of("ec2"), Some("http://all"));
        assert_eq!(CloudSettings::default().endpoint_of("s3"), None);
    }

    #[test]
    fn what_was_kept_by_a_version_with_fewer_settings_is_read() {
        let kept = r#"{"cloud":"east","driver":"local","region":"east","endpoint":null}"#;
        let settings: CloudSettings = serde_json::from_str(kept).unwrap();
        assert_eq!((settings.name.as_str(), settings.account), ("east", None));
    }
}

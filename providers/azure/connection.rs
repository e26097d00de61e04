//! Connection strings of storage accounts: `AccountName=...;AccountKey=...;BlobEndpoint=...`.
//!
//! Source: "Configure Azure Storage connection strings", Azure documentation.

use std::collections::BTreeMap;

/// What a connection string says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) account: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) sas: Option<String>,
    /// The blob service's URL.
    pub(crate) endpoint: Option<String>,
}

impl Connection {
    /// Takes a connection string apart; parts that nobody knows are left out.
    pub(crate) fn parse(text: &str) -> Self {
        let parts: BTreeMap<String, &str> = text
            .split(';')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
            .collect();
        let part = |name: &str| {
            parts.get(name).filter(|value| !value.is_empty()).map(|value| (*value).to_owned())
        };
        let account = part("accountname");
        let made = account.as_ref().and_then(|account| {
            let suffix = part("endpointsuffix")?;
            let protocol = part("defaultendpointsprotocol").unwrap_or_else(|| "https".to_owned());
            Some(format!("{protocol}://{account}.blob.{suffix}"))
        });
        Self {
            key: part("accountkey"),
            sas: part("sharedaccesssignature"),
            endpoint: part("blobendpoint").or(made),
            account,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_whatever_their_order() {
        let text = "BlobEndpoint=http://127.0.0.1:1/acc;AccountKey=a2V5==;AccountName=acc;";
        let expected = Connection {
            account: Some("acc".to_owned()),
            key: Some("a2V5==".to_owned()),
            sas: None,
            endpoint: Some("http://127.0.0.1:1/acc".to_owned()),
        };
        assert_eq!(Connection::parse(text), expected);
        let china = "DefaultEndpointsProtocol=https;AccountName=acc;EndpointSuffix=core.chinacloudapi.cn;SharedAccessSignature=sv=1&sig=x%3D";
        let connection = Connection::parse(china);
        let endpoint = Some("https://acc.blob.core.chinacloudapi.cn".to_owned());
        assert_eq!(connection.endpoint, endpoint);
        assert_eq!(connection.sas, Some("sv=1&sig=x%3D".to_owned()));
        assert_eq!(Connection::parse("nothing of the kind"), Connection::default());
    }
}

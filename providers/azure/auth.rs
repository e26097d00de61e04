//! Which storage account a cloud means, and how requests to it are proven.

use std::fmt;
use std::sync::Arc;

use azure_core::http::Url;
use skyform_provider_sdk::{CloudSettings, Problem, ProblemKind};
use skyform_value::Path;

use crate::connection::Connection;
use crate::identity::Identity;
use crate::shared_key::AccountKey;

/// Looks environment variables up by name.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// A storage account that requests can be made to.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    /// The blob service's URL.
    pub(crate) service: Url,
    pub(crate) proof: Proof,
}

/// How requests are proven.
#[derive(Clone)]
pub(crate) enum Proof {
    Key(AccountKey),
    /// A shared access signature: a URL's query.
    Sas(String),
    Identity(Identity),
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key",
            Self::Sas(_) => "Sas",
            Self::Identity(_) => "Identity",
        })
    }
}

impl Account {
    /// The account that a cloud's settings and the environment name. Nothing is contacted.
    pub(crate) fn find(
        settings: &CloudSettings,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let connection = variable("AZURE_STORAGE_CONNECTION_STRING");
        let connection = connection.map(|text| Connection::parse(&text)).unwrap_or_default();
        let default = connection.account.clone().or_else(|| variable("AZURE_STORAGE_ACCOUNT"));
        let name = settings.account.clone().or_else(|| default.clone());
        let name = name.ok_or_else(|| no_account(settings))?;
        check_name(&name)?;
        // What the environment knows of one account is of no use for another.
        let about = default.as_ref().is_none_or(|default| *default == name);
        let connection = if connection.account.as_ref().is_none_or(|account| *account == name) {
            connection
        } else {
            Connection::default()
        };
        let service = match (settings.endpoint_of("blob"), &connection.endpoint) {
            (Some(url), _) => service(url, &name, settings)?,
            (None, Some(url)) => service(url, &name, settings)?,
            (None, None) => {
                service(&format!("https://{name}.blob.core.windows.net"), &name, settings)?
            }
        };
        let known = |variable_name: &str| variable(variable_name).filter(|_| about);
        let key = connection.key.or_else(|| known("AZURE_STORAGE_KEY"));
        let sas = connection.sas.or_else(|| known("AZURE_STORAGE_SAS_TOKEN"));
        let proof = match (key, sas) {
            (Some(text), _) => Proof::Key(AccountKey::new(&name, &text).ok_or_else(no_key)?),
            (None, Some(sas)) => Proof::Sas(sas.trim_start_matches('?').to_owned()),
            (None, None) => Proof::Identity(Identity::new(Arc::clone(environment))),
        };
        let account = Self { name, service, proof };
        account.check_transport()?;
        Ok(account)
    }

    /// Tokens and signatures are secrets: over plain HTTP they are not sent. A key never leaves.
    fn check_transport(&self) -> Result<(), Problem> {
        let local = matches!(self.service.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let safe = match self.proof {
            Proof::Key(_) => true,
            Proof::Sas(_) => local || self.service.scheme() == "https",
            Proof::Identity(_) => self.service.scheme() == "https",
        };
        if safe {
            return Ok(());
        }
        let detail = format!(
            "{} is reached without encryption, and there is no account key to sign requests with.",
            self.service
        );
        Err(Problem::error(ProblemKind::Denied, "No credentials for this endpoint", detail)
            .at(Path::attribute("cloud"))
            .hint("Set AZURE_STORAGE_KEY, or use an https endpoint."))
    }
}

/// The service's URL. Servers that are named by an address have the account in the path.
fn service(url: &str, account: &str, settings: &CloudSettings) -> Result<Url, Problem> {
    let bad = |why: &str| {
        let detail =
            format!("\"{url}\" cannot be the endpoint of the cloud \"{}\": {why}.", settings.name);
        Problem::error(ProblemKind::Invalid, "Invalid endpoint", detail)
            .at(Path::attribute("cloud"))
            .hint("For example https://ACCOUNT.blob.core.windows.net.")
    };
    let mut parsed = Url::parse(url).map_err(|error| bad(&error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(bad("it is neither http nor https"));
    }
    let named = parsed.host_str().is_some_and(|host| host.starts_with(account));
    if parsed.path().len() < 2 && !named {
        parsed.set_path(account);
    }
    Ok(parsed)
}

/// Source: "Storage account overview", Azure documentation.
fn check_name(name: &str) -> Result<(), Problem> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if (3..=24).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    let detail = format!("\"{name}\" cannot be a storage account's name.");
    Err(Problem::error(ProblemKind::Invalid, "Invalid storage account", detail)
        .at(Path::attribute("cloud"))
        .hint("3 to 24 lower-case letters and digits."))
}

fn no_account(settings: &CloudSettings) -> Problem {
    let detail =
        format!("The cloud \"{}\" does not say which storage account it is.", settings.name);
    Problem::error(ProblemKind::Invalid, "Missing storage account", detail)
        .at(Path::attribute("cloud"))
        .hint("Add account = \"NAME\" to the cloud block, or set AZURE_STORAGE_ACCOUNT.")
}

fn no_key() -> Problem {
    let detail = "The storage account's key in the environment is not base 64.";
    Problem::error(ProblemKind::Denied, "Invalid account key", detail)
        .at(Path::attribute("cloud"))
        .hint("Copy it once more: az storage account keys list --account-name NAME.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(settings: &CloudSettings, variables: &[(&str, &str)]) -> Result<Account, Problem> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: std::collections::BTreeMap<String, String> =
            variables.iter().map(owned).collect();
        let environment: Environment = Arc::new(move |name| variables.get(name).cloned());
        Account::find(settings, &environment)
    }

    fn settings(account: Option<&str>, endpoint: Option<&str>) -> CloudSettings {
        CloudSettings {
            name: "azure".to_owned(),
            account: account.map(str::to_owned),
            endpoint: endpoint.map(str::to_owned),
            ..CloudSettings::default()
        }
    }

    #[test]
    fn an_account_comes_from_block_or_environment() {
        let account = find(&settings(Some("claims"), None), &[]).unwrap();
        assert_eq!(account.service.as_str(), "https://claims.blob.core.windows.net/");
        assert!(matches!(account.proof, Proof::Identity(_)));
        let key = [("AZURE_STORAGE_ACCOUNT", "other"), ("AZURE_STORAGE_KEY", "a2V5")];
        let account = find(&settings(None, None), &key).unwrap();
        assert_eq!(account.name, "other");
        assert!(matches!(account.proof, Proof::Key(_)));
        // A key of another account is not used.
        let account = find(&settings(Some("claims"), None), &key).unwrap();
        assert!(matches!(account.proof, Proof::Identity(_)));
        let connection = [(
            "AZURE_STORAGE_CONNECTION_STRING",
            "AccountName=acc;SharedAccessSignature=?sv=1;BlobEndpoint=http://127.0.0.1:9/acc",
        )];
        let account = find(&settings(None, None), &connection).unwrap();
        assert_eq!(account.service.as_str(), "http://127.0.0.1:9/acc");
        assert!(matches!(account.proof, Proof::Sas(ref sas) if sas == "sv=1"));
    }

    #[test]
    fn a_server_by_address_has_the_account_in_the_path() {
        let key = [("AZURE_STORAGE_KEY", "a2V5")];
        for (endpoint, expected) in [
            ("http://127.0.0.1:10000", "http://127.0.0.1:10000/acc"),
            ("http://127.0.0.1:10000/acc", "http://127.0.0.1:10000/acc"),
            ("https://acc.blob.core.chinacloudapi.cn", "https://acc.blob.core.chinacloudapi.cn/"),
        ] {
            let account = find(&settings(Some("acc"), Some(endpoint)), &key).unwrap();
            assert_eq!(account.service.as_str(), expected);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let summary = |settings: &CloudSettings, variables: &[(&str, &str)]| {
            find(settings, variables).err().map(|problem| problem.summary)
        };
        let said = summary(&settings(None, None), &[]);
        assert_eq!(said.as_deref(), Some("Missing storage account"));
        let said = summary(&settings(Some("Not_One"), None), &[]);
        assert_eq!(said.as_deref(), Some("Invalid storage account"));
        let said = summary(&settings(Some("acc"), Some("ftp://x")), &[]);
        assert_eq!(said.as_deref(), Some("Invalid endpoint"));
        let said = summary(&settings(Some("acc"), None), &[("AZURE_STORAGE_KEY", "!")]);
        assert_eq!(said.as_deref(), Some("Invalid account key"));
        let said = summary(&settings(Some("acc"), Some("http://example.com")), &[]);
        assert_eq!(said.as_deref(), Some("No credentials for this endpoint"));
    }
}

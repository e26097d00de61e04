//! Keys from AWS KMS: each process asks for a data key, and stores it as KMS has encrypted it.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_kms::Client;
use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use skyform_encryption::{KeyError, Keys};
use skyform_state::{RemoteError, RemoteErrorKind};

use crate::background::Background;

/// A key of AWS KMS that data keys are encrypted with.
#[derive(Clone, Debug)]
pub struct KmsKeys {
    /// Its id, alias or ARN.
    pub id: String,
    /// `AES_256` or `AES_128`.
    pub spec: String,
    /// The region, if it is not the environment's.
    pub region: Option<String>,
    /// Another address of the service.
    pub endpoint: Option<String>,
    /// A profile of the user's.
    pub profile: Option<String>,
}

impl KmsKeys {
    async fn client(&self) -> Client {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &self.endpoint {
            loader = loader.endpoint_url(url);
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        Client::new(&loader.load().await)
    }

    async fn generate(self) -> Result<(Vec<u8>, Json), RemoteError> {
        let request = self.client().await.generate_data_key();
        let request = request.key_id(&self.id).key_spec(DataKeySpec::from(self.spec.as_str()));
        let answer = request.send().await.map_err(failed)?;
        match (answer.plaintext(), answer.ciphertext_blob()) {
            (Some(key), Some(sealed)) => {
                let noted = json!({"ciphertext_blob": STANDARD.encode(sealed.as_ref())});
                Ok((key.as_ref().to_vec(), noted))
            }
            _ => Err(RemoteError::new(RemoteErrorKind::Other, "the answer has no key")),
        }
    }

    async fn decrypt(self, sealed: Vec<u8>) -> Result<Vec<u8>, RemoteError> {
        let request = self.client().await.decrypt();
        let request = request.key_id(&self.id).ciphertext_blob(Blob::new(sealed));
        let answer = request.send().await.map_err(failed)?;
        let key = answer.plaintext().map(|key| key.as_ref().to_vec());
        key.ok_or_else(|| RemoteError::new(RemoteErrorKind::Other, "the answer has no key"))
    }
}

fn failed<E, R>(error: SdkError<E, R>) -> RemoteError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let said = match error.message() {
        Some(said) => format!("{said} ({})", error.code().unwrap_or_default()),
        None => DisplayErrorContext(&error).to_string(),
    };
    RemoteError::new(RemoteErrorKind::Other, said)
}

fn key_error(error: RemoteError) -> KeyError {
    KeyError(format!("AWS KMS: {error}"))
}

impl Keys for KmsKeys {
    fn new_key(&self) -> Result<(Vec<u8>, Json), KeyError> {
        let background = Background::start().map_err(key_error)?;
        background.wait(self.clone().generate()).map_err(key_error)
    }

    fn key(&self, noted: &Json) -> Result<Vec<u8>, KeyError> {
        let sealed = noted["ciphertext_blob"].as_str().and_then(|text| STANDARD.decode(text).ok());
        let sealed = sealed.ok_or_else(|| KeyError("the envelope has no data key".to_owned()))?;
        let background = Background::start().map_err(key_error)?;
        background.wait(self.clone().decrypt(sealed)).map_err(key_error)
    }
}

//! Endpoints as server processes that outlive the program that starts them.
//!
//! Layout: `ROOT/NAME/endpoint.json`, with the server's log and ready file beside it. An endpoint is
//! written down before its server starts, and each server carries its instance in its command
//! line, so whatever a killed run has started is found again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use skyform_provider_sdk::{EndpointInfo, EndpointSpec, Problem, ProblemKind, ServedModel};

use crate::buckets::Buckets;
use crate::server::{self, Start};
use crate::{error, files, names};

/// The endpoints of one local cloud; everything in here waits for files and processes.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    /// The cloud's name.
    pub(crate) cloud: String,
    /// The folder that they lie in.
    pub(crate) root: PathBuf,
    /// The program that serves.
    pub(crate) program: Option<PathBuf>,
    /// Where artifacts lie.
    pub(crate) buckets: Buckets,
}

/// What `endpoint.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    format: u64,
    owner: String,
    /// Of the intent that made the endpoint.
    token: String,
    model: ModelFile,
    replicas: u64,
    offer: String,
    /// Where it answers; none before it has started for the first time.
    url: Option<String>,
    /// What runs the model.
    runtime: Option<String>,
    /// Which server process it is.
    instance: String,
    /// A server that is to take over, while it starts.
    successor: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    name: String,
    version: String,
    bucket: String,
    key: String,
    sha256: String,
}

impl Endpoints {
    fn folder(&self, name: &str) -> Result<PathBuf, Problem> {
        names::endpoint(name)?;
        Ok(self.root.join(name))
    }

    fn read_file(&self, name: &str) -> Result<Option<EndpointFile>, Problem> {
        let path = self.folder(name)?.join("endpoint.json");
        let Some(bytes) = files::read(&path).map_err(error::at(&path))? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|problem| {
            let detail = format!("{}: {problem}.", path.display());
            Problem::error(ProblemKind::Other, "Local endpoint is damaged", detail)
        })
    }

    fn write_file(&self, name: &str, file: &EndpointFile) -> Result<(), Problem> {
        let path = self.folder(name)?.join("endpoint.json");
        let text = serde_json::to_vec_pretty(file).unwrap_or_default();
        files::write(&path, &text).map_err(error::at(&path))
    }

    pub(crate) fn create(&self, spec: &EndpointSpec) -> Result<EndpointInfo, Problem> {
        if let Some(file) = self.read_file(&spec.name)? {
            let lives = file.lives();
            if lives && file.token == spec.token {
                return Ok(file.info(&spec.name));
            }
            if lives {
                return Err(self.exists(&spec.name, &file.owner));
            }
            // What is left of one that has died.
            self.delete(&spec.name)?;
        }
        let file = EndpointFile {
            format: 1,
            owner: spec.owner.clone(),
            token: spec.token.clone(),
            model: ModelFile::of(&spec.model),
            replicas: spec.replicas,
            offer: spec.offer.clone(),
            url: None,
            runtime: None,
            instance: spec.token.clone(),
            successor: None,
        };
        self.write_file(&spec.name, &file)?;
        let started = self.start(spec, &file.instance, "127.0.0.1:0").and_then(|ready| {
            let (url, runtime) = (Some(ready.url), Some(ready.runtime));
            let file = EndpointFile { url, runtime, ..file };
            self.write_file(&spec.name, &file)?;
            Ok(file.info(&spec.name))
        });
        if started.is_err() {
            self.delete(&spec.name)?;
        }
        started
    }

    pub(crate) fn read(&self, name: &str) -> Result<Option<EndpointInfo>, Problem> {
        let Some(file) = self.read_file(name)? else { return Ok(None) };
        let file = self.settled(name, file)?;
        Ok(file.lives().then(|| file.info(name)))
    }

    /// The new server is started beside the old one, on the same port, and takes over when it is
    /// ready.
    pub(crate) fn update(&self, spec: &EndpointSpec) -> Result<EndpointInfo, Problem> {
        let Some(file) = self.read_file(&spec.name)? else {
            let detail =
                format!("There is no endpoint \"{}\" in the cloud {}.", spec.name, self.cloud);
            return Err(Problem::error(ProblemKind::NotFound, "No such endpoint", detail));
        };
        let before = self.settled(&spec.name, file)?;
        let waiting = EndpointFile { successor: Some(spec.token.clone()), ..before.clone() };
        self.write_file(&spec.name, &waiting)?;
        let address = before.url.as_deref().and_then(|url| url.strip_prefix("http://"));
        match self.start(spec, &spec.token, address.unwrap_or("127.0.0.1:0")) {
            Ok(ready) => {
                let after = EndpointFile {
                    model: ModelFile::of(&spec.model),
                    replicas: spec.replicas,
                    offer: spec.offer.clone(),
                    url: Some(ready.url),
                    runtime: Some(ready.runtime),
                    instance: spec.token.clone(),
                    successor: None,
                    ..before.clone()
                };
                self.write_file(&spec.name, &after)?;
                server::stop(&before.instance)?;
                Ok(after.info(&spec.name))
            }
            Err(problem) => {
                server::stop(&spec.token)?;
                self.write_file(&spec.name, &before)?;
                Err(problem)
            }
        }
    }

    pub(crate) fn delete(&self, name: &str) -> Result<(), Problem> {
        if let Some(file) = self.read_file(name)? {
            for instance in file.successor.iter().chain([&file.instance]) {
                server::stop(instance)?;
            }
        }
        let folder = self.folder(name)?;
        files::remove_all(&folder).map_err(error::at(&folder))
    }

    /// Without the successor that a run which was cut off has left.
    fn settled(&self, name: &str, file: EndpointFile) -> Result<EndpointFile, Problem> {
        let Some(successor) = &file.successor else { return Ok(file) };
        server::stop(successor)?;
        let file = EndpointFile { successor: None, ..file };
        self.write_file(name, &file)?;
        Ok(file)
    }

    fn start(
        &self,
        spec: &EndpointSpec,
        instance: &str,
        listen: &str,
    ) -> Result<server::Ready, Problem> {
        let Some(program) = &self.program else {
            let detail = "No program is known that could serve models here.";
            return Err(Problem::error(ProblemKind::Unsupported, "No server program", detail));
        };
        let model = self.buckets.object(&spec.model.bucket, &spec.model.key)?;
        let folder = self.folder(&spec.name)?;
        server::start(&Start { program, spec, model: &model, folder: &folder, instance, listen })
    }

    fn exists(&self, name: &str, owner: &str) -> Problem {
        let detail = format!(
            "The cloud {} has an endpoint \"{name}\" already; it belongs to {owner}.",
            self.cloud
        );
        Problem::error(ProblemKind::AlreadyExists, "Endpoint exists already", detail)
            .hint("Give this one another name.")
    }
}

impl EndpointFile {
    fn lives(&self) -> bool {
        self.url.as_deref().is_some_and(|url| server::answers(url, &self.instance))
    }

    fn info(&self, name: &str) -> EndpointInfo {
        let ModelFile { name: model, version, bucket, key, sha256 } = self.model.clone();
        EndpointInfo {
            name: name.to_owned(),
            url: self.url.clone().unwrap_or_default(),
            model: ServedModel { name: model, version, bucket, key, sha256 },
            replicas: self.replicas,
            runtime: self.runtime.clone().unwrap_or_default(),
            token: self.token.clone(),
            ..EndpointInfo::default()
        }
    }
}

impl ModelFile {
    fn of(model: &ServedModel) -> Self {
        let ServedModel { name, version, bucket, key, sha256 } = model.clone();
        Self { name, version, bucket, key, sha256 }
    }
}

#[cfg(test)]
mod tests;

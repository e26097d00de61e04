//! ONNX Runtime, by its shared library.

mod interface;
mod values;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::{Session, SessionInputValue};

use super::model::{Model, Replica, RunError, RuntimeKind};
use crate::interface::Interface;
use crate::load_error::LoadError;
use crate::tensor::Tensor;

/// A process can have one environment, made of one library, and never a second.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// A model in ONNX Runtime.
pub(crate) struct OnnxRuntimeModel {
    path: PathBuf,
    environment: Environment,
    interface: Interface,
}

impl OnnxRuntimeModel {
    /// Loads the library, if this is the first model, and the model.
    pub(crate) fn load(path: &Path, library: &Path) -> Result<Self, LoadError> {
        std::fs::metadata(path)
            .map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
        let environment = environment(library)?;
        let session = session(&environment, path).map_err(|error| LoadError::Runtime {
            runtime: RuntimeKind::OnnxRuntime,
            operators: Vec::new(),
            reason: error.to_string(),
        })?;
        let interface = interface::read(&session)?;
        Ok(Self { path: path.to_owned(), environment, interface })
    }
}

fn environment(library: &Path) -> Result<Environment, LoadError> {
    let mut known = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*known {
        return Ok(environment.clone());
    }
    let unusable = |reason: String| LoadError::Library { path: library.to_owned(), reason };
    let builder = ort::init_from(library).map_err(|error| unusable(error.to_string()))?;
    let environment = builder
        .with_name("skyform")
        .with_telemetry(false)
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(known.insert(environment).clone())
}

/// A session that works on the thread that runs it: replicas are what runs side by side.
fn session(environment: &Environment, path: &Path) -> Result<Session, RunError> {
    let builder = Session::builder(environment).map_err(broken)?;
    let builder = builder.with_intra_threads(1).map_err(broken)?;
    let mut builder = builder.with_inter_threads(1).map_err(broken)?;
    builder.commit_from_file(path).map_err(broken)
}

impl Model for OnnxRuntimeModel {
    fn interface(&self) -> &Interface {
        &self.interface
    }

    fn runtime(&self) -> RuntimeKind {
        RuntimeKind::OnnxRuntime
    }

    fn replica(&self) -> Result<Box<dyn Replica>, RunError> {
        let session = session(&self.environment, &self.path)?;
        Ok(Box::new(OnnxRuntimeReplica { session, interface: self.interface.clone() }))
    }
}

struct OnnxRuntimeReplica {
    session: Session,
    interface: Interface,
}

impl Replica for OnnxRuntimeReplica {
    fn run(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RunError> {
        let fields = self.interface.inputs.iter();
        let inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = fields
            .zip(inputs)
            .map(|(field, tensor)| Ok((field.name.as_str().into(), values::to_library(tensor)?)))
            .collect::<Result<_, RunError>>()?;
        let outputs = self.session.run(inputs).map_err(broken)?;
        let fields = self.interface.outputs.iter().enumerate();
        fields.map(|(index, field)| values::from_library(field, &outputs[index])).collect()
    }
}

fn broken<T>(error: ort::Error<T>) -> RunError {
    RunError::Runtime(error.message().to_owned())
}

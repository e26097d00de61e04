//! What the server asks of a runtime.

use std::fmt;

use crate::interface::Interface;
use crate::tensor::Tensor;

/// Which runtime runs a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeKind {
    /// tract: within the program, for plain networks.
    Tract,
    /// ONNX Runtime: a shared library, for every operator.
    OnnxRuntime,
}

impl RuntimeKind {
    /// Its name, as in arguments.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tract => "tract",
            Self::OnnxRuntime => "onnxruntime",
        }
    }

    /// Its name, as in sentences.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Tract => "tract",
            Self::OnnxRuntime => "ONNX Runtime",
        }
    }
}

impl fmt::Display for RuntimeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A loaded model, which replicas are made of.
pub(crate) trait Model: Send + Sync {
    /// What it takes and gives.
    fn interface(&self) -> &Interface;

    fn runtime(&self) -> RuntimeKind;

    /// A replica with a state of its own. It stays on the thread that made it.
    fn replica(&self) -> Result<Box<dyn Replica>, RunError>;
}

/// What one worker runs.
pub(crate) trait Replica {
    /// Runs the model once.
    ///
    /// `inputs` are in the order of the interface and agree with it; so do the outputs. A failed
    /// run leaves the replica usable.
    fn run(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RunError>;
}

/// A run that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// The runtime's own words.
    #[error("{0}")]
    Runtime(String),
    /// The runtime panicked.
    #[error("the runtime broke off")]
    Panicked,
}

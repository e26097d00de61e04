//! Why a model cannot be served.

use std::path::PathBuf;

use crate::runtime::RuntimeKind;

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The model's file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no ONNX model.
    #[error("{} is no ONNX model: {reason}", path.display())]
    NotOnnx {
        /// The model's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An input or output is of a kind that the protocol cannot carry.
    #[error("The model's {which} \"{name}\" is {kind}, which cannot be served.")]
    Interface {
        /// `input` or `output`.
        which: &'static str,
        /// Its name.
        name: String,
        /// What it is, with its article.
        kind: String,
    },
    /// The embedded runtime cannot run it, and there is no ONNX Runtime library.
    #[error("{}", needs_library(operators, reason))]
    NeedsOnnxRuntime {
        /// The operators that the embedded runtime lacks, as `domain.Op`, sorted; may be empty.
        operators: Vec<String>,
        /// What the embedded runtime says.
        reason: String,
    },
    /// The ONNX Runtime library cannot be used.
    #[error("The ONNX Runtime library {} cannot be used: {reason}", path.display())]
    Library {
        /// The library's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no ONNX Runtime library, and it was asked for.
    #[error("The ONNX Runtime was asked for, and its library was not found.")]
    NoLibrary,
    /// The runtime cannot run the model.
    #[error("{} cannot run the model: {reason}", runtime.title())]
    Runtime {
        /// The runtime.
        runtime: RuntimeKind,
        /// The operators that it lacks, as `domain.Op`, sorted; may be empty.
        operators: Vec<String>,
        /// What it says.
        reason: String,
    },
    /// This program was built without the runtime.
    #[error("{} is not part of this build.", .0.title())]
    NotBuilt(RuntimeKind),
    /// Worker threads cannot be started.
    #[error("The replicas cannot be started: {0}")]
    Replicas(String),
}

impl LoadError {
    /// The kind of problem, in a few words that name nothing.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "Model not readable",
            Self::NotOnnx { .. } => "Not an ONNX model",
            Self::Interface { .. } => "Model not servable",
            Self::NeedsOnnxRuntime { .. } | Self::NoLibrary => "ONNX Runtime not found",
            Self::Library { .. } => "ONNX Runtime not usable",
            Self::Runtime { .. } => "Model not runnable",
            Self::NotBuilt(_) => "Runtime not in this build",
            Self::Replicas(_) => "Replicas not started",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Interface { .. } => Some(
                "Only tensors of BOOL, INT32, INT64, FP32, FP64 and strings can be served. \
                 Classifiers exported by skl2onnx give tensors with options={\"zipmap\": False}.",
            ),
            Self::NeedsOnnxRuntime { .. } | Self::NoLibrary => Some(
                "Get the library with `pip install onnxruntime` or from your distribution \
                 (libonnxruntime), and name its file in ORT_DYLIB_PATH.",
            ),
            Self::Library { .. } => Some(
                "Version 1.22 or newer is needed, built for this machine. ORT_DYLIB_PATH names \
                 another file.",
            ),
            Self::Runtime { runtime: RuntimeKind::Tract, .. } => {
                Some("With -runtime=auto the ONNX Runtime is used where it is found.")
            }
            _ => None,
        }
    }
}

fn needs_library(operators: &[String], reason: &str) -> String {
    if operators.is_empty() {
        return format!(
            "The embedded runtime (tract) cannot run this model ({reason}), and no ONNX Runtime \
             library was found."
        );
    }
    format!(
        "The model uses operators that the embedded runtime (tract) lacks: {}. No ONNX Runtime \
         library was found, which has them.",
        operators.join(", ")
    )
}

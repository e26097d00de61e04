//! Loads a model with the runtime that was asked for, or with the first that can run it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::model::{Model, RunError, RuntimeKind};
use crate::interface::Interface;
use crate::load_error::LoadError;

/// Which runtime is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuntimeChoice {
    /// tract if it can run the model, else ONNX Runtime.
    #[default]
    Auto,
    /// Only this one.
    Only(RuntimeKind),
}

/// A model that has been loaded, and has answered once.
#[derive(Clone)]
pub struct LoadedModel(pub(crate) Arc<dyn Model>);

impl LoadedModel {
    /// What it takes and gives.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        self.0.interface()
    }

    /// What runs it.
    #[must_use]
    pub fn runtime(&self) -> RuntimeKind {
        self.0.runtime()
    }
}

impl std::fmt::Debug for LoadedModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LoadedModel").field(&self.runtime()).finish()
    }
}

/// Loads a model and lets it answer once, on zeros.
///
/// `libraries` are files where the ONNX Runtime library may be; the first that exists is taken.
///
/// # Errors
/// See [`LoadError`].
pub fn load(
    path: &Path,
    choice: RuntimeChoice,
    libraries: &[PathBuf],
) -> Result<LoadedModel, LoadError> {
    let library = libraries.iter().find(|library| library.is_file());
    match choice {
        RuntimeChoice::Only(RuntimeKind::Tract) => with_tract(path),
        RuntimeChoice::Only(RuntimeKind::OnnxRuntime) => {
            with_library(path, library.ok_or(LoadError::NoLibrary)?)
        }
        RuntimeChoice::Auto => match (with_tract(path), library) {
            (Err(LoadError::Runtime { .. } | LoadError::NotBuilt(_)), Some(library)) => {
                with_library(path, library)
            }
            (Err(LoadError::Runtime { operators, reason, .. }), None) => {
                Err(LoadError::NeedsOnnxRuntime { operators, reason })
            }
            (Err(LoadError::NotBuilt(_)), None) => Err(LoadError::NoLibrary),
            (outcome, _) => outcome,
        },
    }
}

#[cfg(feature = "tract")]
fn with_tract(path: &Path) -> Result<LoadedModel, LoadError> {
    let model = super::tract::TractModel::load(path)?;
    warmed_up(Arc::new(model))
}

#[cfg(not(feature = "tract"))]
fn with_tract(_path: &Path) -> Result<LoadedModel, LoadError> {
    Err(LoadError::NotBuilt(RuntimeKind::Tract))
}

#[cfg(feature = "onnxruntime")]
fn with_library(path: &Path, library: &Path) -> Result<LoadedModel, LoadError> {
    let model = super::onnxruntime::OnnxRuntimeModel::load(path, library)?;
    warmed_up(Arc::new(model))
}

#[cfg(not(feature = "onnxruntime"))]
fn with_library(_path: &Path, _library: &Path) -> Result<LoadedModel, LoadError> {
    Err(LoadError::NotBuilt(RuntimeKind::OnnxRuntime))
}

/// Lets the model answer once: loading alone does not show that a runtime has every operator.
fn warmed_up(model: Arc<dyn Model>) -> Result<LoadedModel, LoadError> {
    let answer = || model.replica()?.run(model.interface().zeros());
    let answered = catch_unwind(AssertUnwindSafe(answer)).unwrap_or(Err(RunError::Panicked));
    match answered {
        Ok(_) => Ok(LoadedModel(model)),
        Err(error) => Err(LoadError::Runtime {
            runtime: model.runtime(),
            operators: Vec::new(),
            reason: error.to_string(),
        }),
    }
}

//! What a model file turns out to be.

use std::fmt;

use super::gguf::GgufDetails;
use super::onnx::OnnxDetails;
use super::safetensors::SafetensorsDetails;

/// A model file that was looked through and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFile {
    /// Its format.
    pub format: ModelFormat,
    /// What its format tells about it.
    pub details: Details,
}

/// What a format tells about a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Details {
    /// Operators, inputs, outputs.
    Onnx(OnnxDetails),
    /// Tensors.
    Safetensors(SafetensorsDetails),
    /// Architecture, tensors.
    Gguf(GgufDetails),
    /// Nothing more than the format.
    None,
}

/// A format of model files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelFormat {
    /// Open Neural Network Exchange.
    Onnx,
    /// Tensors of Hugging Face.
    Safetensors,
    /// Models of llama.cpp.
    Gguf,
    /// TensorFlow Lite.
    Tflite,
    /// A PyTorch archive, also TorchScript and the older pickled form.
    PyTorch,
    /// A Keras archive, or HDF5.
    Keras,
    /// TensorFlow's SavedModel: the file `saved_model.pb` of a folder.
    SavedModel,
    /// A Python pickle, also by joblib.
    Pickle,
    /// XGBoost in JSON or UBJSON.
    XgBoost,
    /// LightGBM's text.
    LightGbm,
    /// Apple's Core ML.
    CoreMl,
}

impl ModelFormat {
    /// All of them, sorted.
    pub const ALL: [ModelFormat; 11] = [
        ModelFormat::Onnx,
        ModelFormat::Safetensors,
        ModelFormat::Gguf,
        ModelFormat::Tflite,
        ModelFormat::PyTorch,
        ModelFormat::Keras,
        ModelFormat::SavedModel,
        ModelFormat::Pickle,
        ModelFormat::XgBoost,
        ModelFormat::LightGbm,
        ModelFormat::CoreMl,
    ];

    /// The name in configurations and states: one lower-case word.
    pub fn name(self) -> &'static str {
        match self {
            ModelFormat::Onnx => "onnx",
            ModelFormat::Safetensors => "safetensors",
            ModelFormat::Gguf => "gguf",
            ModelFormat::Tflite => "tflite",
            ModelFormat::PyTorch => "pytorch",
            ModelFormat::Keras => "keras",
            ModelFormat::SavedModel => "savedmodel",
            ModelFormat::Pickle => "pickle",
            ModelFormat::XgBoost => "xgboost",
            ModelFormat::LightGbm => "lightgbm",
            ModelFormat::CoreMl => "coreml",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<ModelFormat> {
        ModelFormat::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a file's name speaks of; the bytes decide wherever they can.
    pub(super) fn by_file_name(name: &str) -> Option<ModelFormat> {
        let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        if file == "saved_model.pb" {
            return Some(ModelFormat::SavedModel);
        }
        Some(match file.rsplit_once('.')?.1 {
            "onnx" => ModelFormat::Onnx,
            "safetensors" => ModelFormat::Safetensors,
            "gguf" => ModelFormat::Gguf,
            "tflite" => ModelFormat::Tflite,
            "pt" | "pth" => ModelFormat::PyTorch,
            "keras" | "h5" | "hdf5" => ModelFormat::Keras,
            "pkl" | "pickle" | "joblib" => ModelFormat::Pickle,
            "ubj" => ModelFormat::XgBoost,
            "mlmodel" => ModelFormat::CoreMl,
            _ => return None,
        })
    }
}

impl fmt::Display for ModelFormat {
    /// As its makers write it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            ModelFormat::Onnx => "ONNX",
            ModelFormat::Safetensors => "safetensors",
            ModelFormat::Gguf => "GGUF",
            ModelFormat::Tflite => "TensorFlow Lite",
            ModelFormat::PyTorch => "PyTorch",
            ModelFormat::Keras => "Keras",
            ModelFormat::SavedModel => "TensorFlow SavedModel",
            ModelFormat::Pickle => "Python pickle",
            ModelFormat::XgBoost => "XGBoost",
            ModelFormat::LightGbm => "LightGBM",
            ModelFormat::CoreMl => "Core ML",
        })
    }
}

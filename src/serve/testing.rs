//! What tests share: the models of `testdata`, and the ONNX Runtime library where it is.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::runtime::{LoadedModel, RuntimeChoice, RuntimeKind, load};
use crate::service::{Limits, Service, Settings};

pub(crate) const TRACT: RuntimeChoice = RuntimeChoice::Only(RuntimeKind::Tract);
pub(crate) const LIBRARY: RuntimeChoice = RuntimeChoice::Only(RuntimeKind::OnnxRuntime);

/// A file in `testdata`.
pub(crate) fn testdata(name: &str) -> PathBuf {
    // Asked for at run time: build folders are shared, and the tree built in may be gone.
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("set by the runner of tests");
    PathBuf::from(folder).join("../../testdata").join(name)
}

/// The library that `ORT_DYLIB_PATH` names. Says so where there is none.
pub(crate) fn library() -> Option<PathBuf> {
    let named = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let found = named.filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("NOT RUN with ONNX Runtime: ORT_DYLIB_PATH names no library");
    }
    found
}

/// A model, run by tract.
pub(crate) fn in_tract(name: &str) -> LoadedModel {
    load(&testdata(name), TRACT, &[]).expect("tract runs it")
}

/// What a model is served as in tests.
pub(crate) fn settings(name: &str) -> Settings {
    Settings {
        name: name.to_owned(),
        version: "3".to_owned(),
        instance: Some("token-1".to_owned()),
        replicas: 2,
        limits: Limits::default(),
    }
}

/// A model, served.
pub(crate) fn served(name: &str, file: &str) -> Arc<Service> {
    Service::start(&in_tract(file), settings(name)).expect("replicas start")
}

/// Rows of the fraud data and the probabilities that Python's ONNX Runtime gave for them.
pub(crate) fn examples(model: &str) -> Vec<(Vec<f32>, Vec<f32>)> {
    let text = std::fs::read_to_string(testdata("fraud/training/expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let numbers = |value: &Value| -> Vec<f32> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
    };
    let examples = expected["models"][model]["examples"].as_array().unwrap();
    examples.iter().map(|row| (numbers(&row["input"]), numbers(&row["probabilities"]))).collect()
}

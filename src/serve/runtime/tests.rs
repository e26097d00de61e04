//! Tests of both runtimes on the same models, and of what cannot be loaded.

use std::path::Path;

use super::*;
use crate::tensor::{Data, Tensor};
use crate::testing::{LIBRARY, TRACT, examples, in_tract, library, testdata};

/// Runs a model once.
fn run(model: &LoadedModel, inputs: Vec<Tensor>) -> Vec<Tensor> {
    model.0.replica().unwrap().run(inputs).unwrap()
}

fn floats(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor { shape: shape.to_vec(), data: Data::Fp32(values.to_vec()) }
}

/// Runs the examples of a model: each alone, and all at once, with one replica.
fn check_examples(loaded: &LoadedModel, model: &str) {
    let examples = examples(model);
    let width = examples[0].0.len();
    let mut replica = loaded.0.replica().unwrap();
    let mut probabilities = |rows: &[(Vec<f32>, Vec<f32>)]| {
        let flat: Vec<f32> = rows.iter().flat_map(|(input, _)| input.clone()).collect();
        let outputs = replica.run(vec![floats(&[rows.len(), width], &flat)]).unwrap();
        let Data::Fp32(values) = &outputs.last().unwrap().data else { panic!("{outputs:?}") };
        values.clone()
    };
    let mut found: Vec<f32> =
        examples.iter().flat_map(|row| probabilities(std::slice::from_ref(row))).collect();
    found.extend(probabilities(&examples));
    let expected: Vec<f32> = examples.iter().flat_map(|(_, expected)| expected.clone()).collect();
    let expected = [expected.clone(), expected].concat();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 2e-6, "{found} is not {expected}");
    }
}

/// One input of each datatype, and what is to come back.
fn one_of_each(rows: usize) -> Vec<Tensor> {
    let tensor = |data| Tensor { shape: vec![rows, 2], data };
    let count = rows * 2;
    vec![
        tensor(Data::Bool((0..count).map(|number| number % 3 == 0).collect())),
        tensor(Data::Int32((0..count).map(|number| number as i32 - 2).collect())),
        tensor(Data::Int64((0..count).map(|number| i64::MAX - number as i64).collect())),
        tensor(Data::Fp32((0..count).map(|number| number as f32 / 3.0).collect())),
        tensor(Data::Fp64((0..count).map(|number| number as f64 / 3.0).collect())),
    ]
}

fn shown(fields: &[crate::Field]) -> Vec<String> {
    fields.iter().map(|field| format!("{} {field}", field.name)).collect()
}

#[test]
fn tract_gives_the_recorded_probabilities() {
    check_examples(&in_tract("fraud/model/fraud.onnx"), "fraud");
}

#[test]
fn tract_takes_any_number_of_rows_of_each_datatype() {
    let model = in_tract("models/kinds.onnx");
    for rows in [1, 4, 2, 1] {
        assert_eq!(run(&model, one_of_each(rows)), one_of_each(rows));
    }
}

#[test]
fn the_interface_is_that_of_the_file() {
    let interface = in_tract("fraud/model/fraud.onnx").interface().clone();
    assert_eq!(shown(&interface.inputs), ["input FP32[-1, 29]"]);
    assert_eq!(shown(&interface.outputs), ["probabilities FP32[-1, 1]"]);
    assert!(interface.parameters.contains_key("features"), "{:?}", interface.parameters);
}

#[test]
fn a_failed_run_leaves_the_replica_usable() {
    let model = in_tract("models/two.onnx");
    let mut replica = model.0.replica().unwrap();
    let matrix = floats(&[1, 3], &[1.0, 2.0, 3.0]);
    let unequal = vec![matrix.clone(), floats(&[2, 3], &[0.0; 6])];
    assert!(replica.run(unequal).is_err());
    let outputs = replica.run(vec![matrix.clone(), matrix]).unwrap();
    assert_eq!(outputs, [floats(&[1, 3], &[2.0, 4.0, 6.0]), floats(&[1], &[12.0])]);
}

#[test]
fn what_cannot_be_loaded_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let empty = file("empty.onnx", b"");
    let text = file("text.onnx", b"this is no model");
    let missing = folder.path().join("missing.onnx");
    let scaled = testdata("models/scaled.onnx");
    let mapped = testdata("models/mapped.onnx");
    let auto = RuntimeChoice::Auto;
    let cases: [(&Path, RuntimeChoice, &str, &str); 8] = [
        (&missing, auto, "Model not readable", "missing.onnx: No such file"),
        (&empty, auto, "Not an ONNX model", "empty.onnx is no ONNX model: it has no graph"),
        (&text, auto, "Not an ONNX model", "text.onnx is no ONNX model: "),
        (&mapped, auto, "Model not servable", "output \"scores\" is not a tensor"),
        (&scaled, auto, "ONNX Runtime not found", "(tract) lacks: ai.onnx.ml.Scaler. No ONNX"),
        (&scaled, TRACT, "Model not runnable", "tract cannot run the model"),
        (&scaled, LIBRARY, "ONNX Runtime not found", "its library was not found"),
        (&missing, LIBRARY, "ONNX Runtime not found", "its library was not found"),
    ];
    for (path, choice, summary, part) in cases {
        let error = load(path, choice, &[]).unwrap_err();
        assert_eq!(error.summary(), summary, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_library_that_is_none_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libonnxruntime.so");
    std::fs::write(&library, "no library").unwrap();
    let nowhere = folder.path().join("nowhere.so");
    let error =
        load(&testdata("models/scaled.onnx"), RuntimeChoice::Auto, &[nowhere, library.clone()]);
    let error = error.unwrap_err();
    assert_eq!(error.summary(), "ONNX Runtime not usable");
    assert!(error.to_string().contains(&library.display().to_string()), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("ORT_DYLIB_PATH")));
}

#[test]
fn the_library_gives_the_recorded_probabilities() {
    let Some(library) = library() else { return };
    for (model, choice) in [("fraud", LIBRARY), ("forest", RuntimeChoice::Auto)] {
        let file = testdata(&format!("fraud/model/{model}.onnx"));
        let loaded = load(&file, choice, std::slice::from_ref(&library)).unwrap();
        assert_eq!(loaded.runtime(), RuntimeKind::OnnxRuntime);
        check_examples(&loaded, model);
        let outputs = shown(&loaded.interface().outputs);
        if model == "fraud" {
            assert_eq!(loaded.interface(), in_tract("fraud/model/fraud.onnx").interface());
        } else {
            assert_eq!(outputs, ["label INT64[-1]", "probabilities FP32[-1, 2]"]);
        }
    }
}

#[test]
fn the_library_takes_what_tract_lacks() {
    let Some(library) = library() else { return };
    let libraries = [library];
    let open = |name: &str| load(&testdata(name), RuntimeChoice::Auto, &libraries).unwrap();

    let scaled = open("models/scaled.onnx");
    assert_eq!(scaled.runtime(), RuntimeKind::OnnxRuntime);
    assert_eq!(scaled.interface().parameters["features"], "left,right");
    let rows = floats(&[2, 2], &[1.0, 2.0, 5.0, 3.0]);
    assert_eq!(run(&scaled, vec![rows]), [floats(&[2, 2], &[0.0, 0.0, 2.0, 4.0])]);

    let texts = open("models/texts.onnx");
    assert_eq!(texts.runtime(), RuntimeKind::OnnxRuntime);
    let words =
        vec![Tensor { shape: vec![2], data: Data::Bytes(vec!["tÿpe".to_owned(), String::new()]) }];
    assert_eq!(run(&texts, words.clone()), words);

    let two = open("models/two.onnx");
    assert_eq!(two.runtime(), RuntimeKind::Tract, "tract goes first where it can");
    let kinds = load(&testdata("models/kinds.onnx"), LIBRARY, &libraries).unwrap();
    for rows in [1, 3] {
        assert_eq!(run(&kinds, one_of_each(rows)), one_of_each(rows));
    }
    let mapped = load(&testdata("models/mapped.onnx"), LIBRARY, &libraries).unwrap_err();
    assert_eq!(mapped.summary(), "Model not servable");
    let missing = load(Path::new("missing.onnx"), LIBRARY, &libraries).unwrap_err();
    assert_eq!(missing.summary(), "Model not readable");
}

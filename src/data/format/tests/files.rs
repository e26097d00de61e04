//! The smallest files of each format, built byte by byte.

use super::super::ModelFormat;

/// Formats that bytes alone don't tell.
pub(super) const NEEDS_NAME: [ModelFormat; 1] = [ModelFormat::SavedModel];

/// One or more files of each format.
pub(super) fn all() -> Vec<(ModelFormat, Vec<u8>)> {
    let onnx = include_bytes!("../../../../testdata/fraud/model/fraud.onnx");
    vec![
        (ModelFormat::Onnx, onnx.to_vec()),
        (ModelFormat::Safetensors, safetensors()),
        (ModelFormat::Gguf, gguf()),
        (ModelFormat::Tflite, tflite()),
        (
            ModelFormat::PyTorch,
            zip(&[("archive/data.pkl", b"\x80\x02."), ("archive/data/0", b"x")]),
        ),
        (ModelFormat::PyTorch, zip64(&[("archive/data.pkl", b"\x80\x02.")])),
        (ModelFormat::Keras, zip(&[("config.json", b"{}"), ("model.weights.h5", b"x")])),
        (ModelFormat::Keras, hdf5()),
        (ModelFormat::SavedModel, saved_model()),
        (ModelFormat::Pickle, b"\x80\x04\x95\x03\0\0\0\0\0\0\0K\x01.".to_vec()),
        (ModelFormat::XgBoost, br#"{"learner":{"attributes":{}},"version":[2,1,0]}"#.to_vec()),
        (ModelFormat::XgBoost, ubjson()),
        (ModelFormat::LightGbm, b"tree\nversion=v4\nnum_class=1\n\nend of trees".to_vec()),
        (ModelFormat::CoreMl, core_ml()),
    ]
}

/// A usual name for a file of the format.
pub(super) fn name(format: ModelFormat) -> &'static str {
    match format {
        ModelFormat::Onnx => "a.onnx",
        ModelFormat::Safetensors => "a.safetensors",
        ModelFormat::Gguf => "a.gguf",
        ModelFormat::Tflite => "a.tflite",
        ModelFormat::PyTorch => "a.pt",
        ModelFormat::Keras => "a.keras",
        ModelFormat::SavedModel => "saved_model.pb",
        ModelFormat::Pickle => "a.pkl",
        ModelFormat::XgBoost => "a.json",
        ModelFormat::LightGbm => "a.txt",
        ModelFormat::CoreMl => "a.mlmodel",
    }
}

/// Lengths at which a file that is cut off is whole again: nothing in it counts its outermost fields.
pub(super) fn is_whole_at(format: ModelFormat, end: usize) -> bool {
    match format {
        // Its own tests say exactly where.
        ModelFormat::Onnx => true,
        ModelFormat::CoreMl => end == core_ml().len() - 4,
        _ => false,
    }
}

pub(super) fn safetensors() -> Vec<u8> {
    let header = br#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}   "#;
    [&(header.len() as u64).to_le_bytes()[..], header, &[0; 32]].concat()
}

pub(super) fn gguf() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let pair =
        |key: &str, value: &str| [text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat();
    let list = [
        text("tokens"),
        [9_u32, 5].iter().flat_map(|kind| kind.to_le_bytes()).collect(),
        2_u64.to_le_bytes().to_vec(),
        vec![0; 8],
    ];
    let flag = [text("flag"), 7_u32.to_le_bytes().to_vec(), vec![1]];
    let tensor = |name: &str, dimensions: &[u64], kind: u32, offset: u64| {
        let sizes: Vec<u8> = dimensions.iter().flat_map(|size| size.to_le_bytes()).collect();
        let count = dimensions.len() as u32;
        let ends = [kind.to_le_bytes().to_vec(), offset.to_le_bytes().to_vec()].concat();
        [text(name), count.to_le_bytes().to_vec(), sizes, ends].concat()
    };
    let mut file = [
        b"GGUF".to_vec(),
        3_u32.to_le_bytes().to_vec(),
        2_u64.to_le_bytes().to_vec(),
        4_u64.to_le_bytes().to_vec(),
        pair("general.architecture", "llama"),
        pair("general.name", "tiny"),
        list.concat(),
        flag.concat(),
        tensor("a", &[2, 2], 0, 0),
        tensor("b", &[64], 2, 32),
    ]
    .concat();
    file.resize(file.len().next_multiple_of(32) + 32 + 36, 0);
    file
}

/// A model with one operator, one graph and one buffer of 5 bytes, which stands at the end.
pub(super) fn tflite() -> Vec<u8> {
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
    let halves =
        |halves: &[u16]| -> Vec<u8> { halves.iter().flat_map(|half| half.to_le_bytes()).collect() };
    let mut file = words(&[24]);
    file.extend(b"TFL3");
    // Places of the model's fields, at 8: version, operators, graphs, description, buffers.
    file.extend(halves(&[14, 20, 4, 8, 12, 0, 16, 0]));
    // The model, at 24: its vectors are at 44, 52 and 60.
    file.extend(words(&[16, 3, 44 - 32, 52 - 36, 60 - 40]));
    // Each vector has one table; the first two are the empty one at 72.
    file.extend(words(&[1, 72 - 48, 1, 72 - 56, 1, 84 - 64]));
    // Places of an empty table, at 68, and the table.
    file.extend(halves(&[4, 4]));
    file.extend(words(&[4]));
    // Places of a buffer's fields, at 76, and the buffer, at 84, with its data at 92.
    file.extend(halves(&[6, 8, 4, 0]));
    file.extend(words(&[8, 92 - 88, 5]));
    file.extend(b"bytes");
    file
}

pub(super) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, list, count) = zip_parts(entries);
    let start = file.len() as u32;
    file.extend(&list);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    file.extend([(list.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    file.extend([0; 2]);
    file
}

/// With its counts in the 64-bit end, as PyTorch writes large files.
pub(super) fn zip64(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, list, count) = zip_parts(entries);
    let start = file.len() as u64;
    file.extend(&list);
    let end = file.len() as u64;
    file.extend(b"PK\x06\x06");
    file.extend(44_u64.to_le_bytes());
    file.extend([0; 12]);
    let count = u64::from(count);
    for number in [count, count, list.len() as u64, start] {
        file.extend(number.to_le_bytes());
    }
    file.extend(b"PK\x06\x07\0\0\0\0");
    file.extend(end.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([0xff; 12]);
    file.extend([0; 2]);
    file
}

fn zip_parts(entries: &[(&str, &[u8])]) -> (Vec<u8>, Vec<u8>, u16) {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let start = file.len() as u32;
        let size = (content.len() as u32).to_le_bytes();
        let names = [(name.len() as u16).to_le_bytes(), [0; 2]].concat();
        let shared = [vec![0; 14], size.to_vec(), size.to_vec(), names].concat();
        file.extend([b"PK\x03\x04".as_slice(), &shared, name.as_bytes(), content].concat());
        list.extend([b"PK\x01\x02\0\0".as_slice(), &shared, &[0; 10]].concat());
        list.extend([&start.to_le_bytes(), name.as_bytes()].concat());
    }
    (file, list, entries.len() as u16)
}

/// The superblock of version 0, and an attribute of Keras.
fn hdf5() -> Vec<u8> {
    let mut file = b"\x89HDF\r\n\x1a\n".to_vec();
    file.resize(120, 0);
    file[40..48].copy_from_slice(&120_u64.to_le_bytes());
    file[100..113].copy_from_slice(b"keras_version");
    file
}

fn ubjson() -> Vec<u8> {
    let key = |name: &str| {
        [b"L".as_slice(), &(name.len() as u64).to_be_bytes(), name.as_bytes()].concat()
    };
    let weights = [b"[$d#L".as_slice(), &2_u64.to_be_bytes(), &[0; 8]].concat();
    let list = b"[TFZi\x07I\0\x01SU\x02hi]".to_vec();
    let counted = b"{#U\x01U\x01aU\x01".to_vec();
    let inside =
        [b"{".to_vec(), key("w"), weights, key("l"), list, key("c"), counted, b"}".to_vec()];
    [b"{".to_vec(), key("learner"), inside.concat(), b"}".to_vec()].concat()
}

/// Version 1, and one graph with its description.
pub(super) fn saved_model() -> Vec<u8> {
    b"\x08\x01\x12\x04\x0a\x02ab".to_vec()
}

/// Version 4, a description, a model of type 500 (a neural network), and another field.
pub(super) fn core_ml() -> Vec<u8> {
    b"\x08\x04\x12\x02\x0a\x00\xa2\x1f\x02ab\xaa\x1f\x01c".to_vec()
}

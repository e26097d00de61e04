//! Finds a file's format and checks that the file is whole.

use super::bytes::Bytes;
use super::error::{Fault, ModelError};
use super::model::{Details, ModelFile, ModelFormat};
use super::protobuf::{self, FieldValue};
use super::{flatbuffer, gguf, onnx, pickle, safetensors, text, ubjson, zip};

/// Looks at a model file. The name, which may be a path, counts only where bytes leave it open.
///
/// ```
/// use skyform_data::format::{ModelError, inspect};
///
/// assert_eq!(inspect("model.onnx", b""), Err(ModelError::Empty));
/// ```
///
/// # Errors
/// An empty file, one of no known format, one of a known format that is cut off or overwritten.
pub fn inspect(name: &str, bytes: &[u8]) -> Result<ModelFile, ModelError> {
    if bytes.is_empty() {
        return Err(ModelError::Empty);
    }
    let named = ModelFormat::by_file_name(name);
    let plain = |format| ModelFile { format, details: Details::None };
    match by_content(bytes, named) {
        Content::Format(format) => {
            let details = read(format, bytes).map_err(|fault| fault.of(format))?;
            Ok(ModelFile { format, details })
        }
        Content::Zip => match zip::entries(bytes) {
            Ok(names) => {
                zip::format(&names).map(plain).ok_or_else(|| unrecognised("a zip archive"))
            }
            Err(fault) => match named {
                Some(format @ (ModelFormat::PyTorch | ModelFormat::Keras)) => Err(fault.of(format)),
                _ => Err(unrecognised(text::looks_like(bytes))),
            },
        },
        Content::Hdf5 => check_hdf5(bytes, named).map(|()| plain(ModelFormat::Keras)),
        Content::Other => match named {
            // ONNX and its kin have no mark: only the name tells that a broken one was meant.
            Some(format) if !is_something_else(bytes) => {
                let fault = read(format, bytes).err();
                let fault =
                    fault.unwrap_or_else(|| Fault::new(0, "the start is not as it should be"));
                Err(fault.of(format))
            }
            _ => Err(unrecognised(text::looks_like(bytes))),
        },
    }
}

/// Looks at the start of a model file of `size` bytes. None if its format needs more than the start to
/// be seen whole.
pub fn inspect_start(name: &str, start: &[u8], size: u64) -> Option<Result<ModelFile, ModelError>> {
    if start.len() as u64 >= size {
        return Some(inspect(name, start));
    }
    // What is wrong may only be that the header goes on.
    let details = if start.starts_with(gguf::MAGIC) {
        gguf::read(start, size).map(Details::Gguf).ok()?
    } else if safetensors::starts(start) {
        safetensors::read(start, size).map(Details::Safetensors).ok()?
    } else {
        return None;
    };
    let format = match details {
        Details::Gguf(_) => ModelFormat::Gguf,
        _ => ModelFormat::Safetensors,
    };
    Some(Ok(ModelFile { format, details }))
}

/// Of a folder's files (relative paths), the one to look at for the folder's format: TensorFlow's
/// `saved_model.pb`, else the only one whose name is that of a model.
pub fn main_file<'p>(paths: &[&'p str]) -> Option<&'p str> {
    if let Some(saved) = paths.iter().find(|path| **path == "saved_model.pb") {
        return Some(saved);
    }
    let mut models = paths.iter().filter(|path| ModelFormat::by_file_name(path).is_some());
    match (models.next(), models.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// What the first look at the bytes says.
enum Content {
    Format(ModelFormat),
    Zip,
    Hdf5,
    Other,
}

fn by_content(bytes: &[u8], named: Option<ModelFormat>) -> Content {
    let format = if bytes.starts_with(gguf::MAGIC) {
        ModelFormat::Gguf
    } else if bytes.get(4..8) == Some(flatbuffer::MAGIC) {
        ModelFormat::Tflite
    } else if bytes.starts_with(zip::MAGIC) {
        return Content::Zip;
    } else if bytes.starts_with(HDF5) {
        return Content::Hdf5;
    } else if bytes.starts_with(pickle::OLD_PYTORCH) {
        ModelFormat::PyTorch
    } else if pickle::starts(bytes) || compressed_pickle(bytes, named) {
        ModelFormat::Pickle
    } else if text::is_lightgbm(bytes) {
        ModelFormat::LightGbm
    } else if text::is_xgboost(bytes) || ubjson::is_xgboost(bytes) {
        ModelFormat::XgBoost
    } else if safetensors::starts(bytes) {
        ModelFormat::Safetensors
    } else if let Some(format) = by_fields(bytes, named) {
        format
    } else {
        return Content::Other;
    };
    Content::Format(format)
}

fn read(format: ModelFormat, bytes: &[u8]) -> Result<Details, Fault> {
    match format {
        ModelFormat::Onnx => return onnx::read(bytes).map(Details::Onnx),
        ModelFormat::Safetensors => {
            return safetensors::read(bytes, bytes.len() as u64).map(Details::Safetensors);
        }
        ModelFormat::Gguf => return gguf::read(bytes, bytes.len() as u64).map(Details::Gguf),
        ModelFormat::Tflite => flatbuffer::check(bytes)?,
        ModelFormat::PyTorch => pickle::check(bytes)?,
        // zlib ends with a checksum that only unpacking can tell.
        ModelFormat::Pickle if bytes.first() == Some(&ZLIB) => {}
        ModelFormat::Pickle => pickle::check(bytes)?,
        ModelFormat::XgBoost if text::is_xgboost(bytes) => text::check_xgboost(bytes)?,
        ModelFormat::XgBoost => ubjson::check(bytes)?,
        ModelFormat::LightGbm => text::check_lightgbm(bytes)?,
        ModelFormat::SavedModel => walk(bytes, 2)?,
        ModelFormat::CoreMl => walk(bytes, CORE_ML_FIELDS)?,
        ModelFormat::Keras => return Err(Fault::new(0, "it is neither a zip archive nor HDF5")),
    }
    Ok(Details::None)
}

fn unrecognised(looks_like: &str) -> ModelError {
    ModelError::Unrecognised { looks_like: looks_like.to_owned() }
}

/// The first byte of zlib's data, in which joblib compresses.
const ZLIB: u8 = 0x78;
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

fn compressed_pickle(bytes: &[u8], named: Option<ModelFormat>) -> bool {
    named == Some(ModelFormat::Pickle) && bytes[0] == ZLIB && bytes.len() > 2
}

/// A name may be wrong: a page or an archive under a model's name is called what it is.
fn is_something_else(bytes: &[u8]) -> bool {
    text::looks_like(bytes) != "unknown binary data"
}

/// Protocol buffers: ONNX has a graph (7), Core ML a model among the fields from 200 on, and
/// TensorFlow's SavedModel nothing but the fields 1 and 2. All start with a version in field 1.
fn by_fields(bytes: &[u8], named: Option<ModelFormat>) -> Option<ModelFormat> {
    const KIN: [ModelFormat; 3] = [ModelFormat::Onnx, ModelFormat::SavedModel, ModelFormat::CoreMl];
    const HIGHEST_VERSION: u8 = 64;
    if !matches!(bytes, [8, 1..=HIGHEST_VERSION, next, ..] if *next > 0) {
        return None;
    }
    let mut highest = 0;
    let mut fields = Bytes::new(bytes);
    let mut graph = false;
    loop {
        match protobuf::next(&mut fields) {
            Ok(Some(field)) => {
                highest = highest.max(field.number);
                graph |= field.number == 7 && matches!(field.value, FieldValue::Stretch(_));
            }
            Ok(None) if graph => return Some(ModelFormat::Onnx),
            Ok(None) if highest >= CORE_ML_FIELDS => return Some(ModelFormat::CoreMl),
            Ok(None) if highest == 2 => return named.filter(|named| KIN.contains(named)),
            // Cut off: what it was meant to be tells the name, or what was seen so far.
            _ => {
                let named = named.filter(|named| KIN.contains(named));
                return named.or((highest >= 2).then_some(ModelFormat::Onnx));
            }
        }
    }
}

/// Core ML's kinds of models are fields from this one on.
const CORE_ML_FIELDS: u64 = 200;

/// Follows the outermost fields, of which one from `least` on must hold the model.
fn walk(bytes: &[u8], least: u64) -> Result<(), Fault> {
    let mut fields = Bytes::new(bytes);
    let mut found = false;
    while let Some(field) = protobuf::next(&mut fields)? {
        found |= field.number >= least && matches!(field.value, FieldValue::Stretch(_));
    }
    if found { Ok(()) } else { Err(fields.fault("there is no model in it")) }
}

/// HDF5 says in its superblock where it ends; Keras leaves the names of its attributes in it.
fn check_hdf5(bytes: &[u8], named: Option<ModelFormat>) -> Result<(), ModelError> {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    let keras = named == Some(ModelFormat::Keras) || has(b"keras_version") || has(b"model_config");
    if !keras {
        return Err(unrecognised(text::looks_like(bytes)));
    }
    // The end of file address: of versions 0 and 1 behind four sizes and three other places.
    let place = match bytes.get(8) {
        Some(0) => 40,
        Some(1) => 44,
        _ => 28,
    };
    let end = Bytes::from(bytes, place).u64();
    let end = end.map_err(|fault| fault.of(ModelFormat::Keras))?;
    if end > bytes.len() as u64 {
        let reason = format!("the file should have {end} bytes, and has {}", bytes.len());
        return Err(Fault::new(bytes.len(), reason).of(ModelFormat::Keras));
    }
    Ok(())
}

//! One small file of each format, whole, cut off and under other names.

mod damage;
mod files;

use proptest::prelude::*;

use super::*;

/// The format, or what is wrong.
fn found(name: &str, bytes: &[u8]) -> String {
    match inspect(name, bytes) {
        Ok(file) => file.format.name().to_owned(),
        Err(ModelError::Damaged { format, .. }) => format!("damaged {}", format.name()),
        Err(ModelError::Unrecognised { looks_like }) => looks_like,
        Err(ModelError::Empty) => "empty".to_owned(),
    }
}

#[test]
fn each_format_is_known_under_any_name() {
    for (format, bytes) in files::all() {
        for name in ["model", "model.bin", "model.onnx", "model.csv"] {
            if files::NEEDS_NAME.contains(&format) {
                continue;
            }
            assert_eq!(found(name, &bytes), format.name(), "{name}");
        }
    }
}

#[test]
fn formats_that_share_their_bytes_are_told_apart_by_name() {
    let saved = files::saved_model();
    assert_eq!(found("export/saved_model.pb", &saved), "savedmodel");
    assert_eq!(found("a.onnx", &saved), "damaged onnx");
    assert_eq!(found("a.mlmodel", &files::core_ml()), "coreml");
    assert_eq!(found("a.joblib", b"\x78\x9c\x01\x02"), "pickle");
    assert_eq!(found("a.bin", b"\x78\x9c\x00\x02"), "unknown binary data");
}

#[test]
fn cut_off_files_are_found_out_under_their_own_names() {
    for (format, bytes) in files::all() {
        let name = files::name(format);
        assert_eq!(found(name, &bytes), format.name());
        for end in 0..bytes.len() {
            if files::is_whole_at(format, end) {
                continue;
            }
            let result = inspect(name, &bytes[..end]);
            assert!(result.is_err(), "{format}: {end} of {} bytes", bytes.len());
        }
        let most = bytes.len() - 1;
        let expected = format!("damaged {}", format.name());
        assert_eq!(found(name, &bytes[..most]), expected, "{format} without its last byte");
    }
}

#[test]
fn what_is_no_model_is_called_what_it_is() {
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let cases: [(&str, &[u8], &str); 16] = [
        ("a.onnx", b"", "empty"),
        (
            "a.onnx",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:",
            "a Git LFS pointer instead of the file itself",
        ),
        ("a.onnx", b"<!DOCTYPE html><html>", "a page of HTML or XML"),
        ("a.onnx", b"\x1f\x8b\x08\x00", "a gzip archive"),
        ("a.onnx", b"{\"error\": \"not found\"}", "a JSON document"),
        ("a.onnx", b"id,amount\n1,2\n", "text"),
        ("a.pt", "gr\u{fc}n".as_bytes(), "text"),
        ("a.onnx", b"\x08", "text"),
        ("a.onnx", b"\xff\x00\xfe\x01", "damaged onnx"),
        ("a.gguf", b"\xff\x00\xfe\x01", "damaged gguf"),
        ("a", b"\xff\x00\xfe\x01", "unknown binary data"),
        ("a.tar", &tar, "a tar archive"),
        ("a", b"PAR1\x15\x04", "a Parquet table"),
        ("a", b"\x93NUMPY\x01\x00", "a NumPy array"),
        ("a.zip", b"PK\x03\x04\x14", "a zip archive that is cut off"),
        ("a", b"\x89HDF\r\n\x1a\n\x00", "an HDF5 file"),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(found(name, bytes), expected, "{name}");
    }
    assert_eq!(found("a.zip", &files::zip(&[("a.txt", b"hello")])), "a zip archive");
    let data = [b"\x08\x00".as_slice(), &[0x80; 9000]].concat();
    assert_eq!(found("a", &data), "unknown binary data");
}

#[test]
fn what_safetensors_say() {
    let details = match inspect("a", &files::safetensors()).map(|file| file.details) {
        Ok(Details::Safetensors(details)) => details,
        other => panic!("{other:?}"),
    };
    assert_eq!((details.tensors, details.parameters), (2, 7));
    assert_eq!(details.metadata["format"], "pt");
    let header = |text: &str, data: usize| {
        [&(text.len() as u64).to_le_bytes(), text.as_bytes(), &vec![0; data]].concat()
    };
    let cases = [
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            9,
            "the tensors take 8 bytes, and 9 follow the header",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#,
            9,
            "the tensor \"a\" starts at 1, and should at 0",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
            8,
            "the tensor \"a\" (F32[3]) does not fit its offsets",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            8,
            "the tensor \"a\" (F32[2]) does not fit its offsets",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
            8,
            "the tensor \"a\" (F32[4294967296, 4294967296]) does not fit its offsets",
        ),
    ];
    for (text, data, expected) in cases {
        let Err(ModelError::Damaged { reason, .. }) = inspect("a", &header(text, data)) else {
            panic!("{expected}");
        };
        assert_eq!(reason, expected);
    }
    let new = header(r#"{"a":{"dtype":"F6_NEW","shape":[4],"data_offsets":[0,3]}}"#, 3);
    assert!(inspect("a", &new).is_ok(), "a type that is not known yet");
}

#[test]
fn what_gguf_says() {
    let details = match inspect("a", &files::gguf()).map(|file| file.details) {
        Ok(Details::Gguf(details)) => details,
        other => panic!("{other:?}"),
    };
    assert_eq!((details.version, details.tensors, details.parameters), (3, 2, 68));
    assert_eq!(details.architecture.as_deref(), Some("llama"));
    assert_eq!(details.name.as_deref(), Some("tiny"));
}

#[test]
fn damage_is_placed_and_said() {
    let mut zip = files::zip(&[("archive/data.pkl", b"\x80\x02.")]);
    zip[0..4].copy_from_slice(b"PK\x05\x06");
    let mut gguf = files::gguf();
    gguf[4] = 9;
    let cases = [
        ("a.gguf", gguf, "the GGUF file is damaged at byte 4: version 9 is neither 2 nor 3"),
        (
            "a.json",
            b"{\"learner\": {\n \"x\": ]".to_vec(),
            "the XGBoost file is damaged at byte 20: no valid JSON: expected value at line 2 column 7",
        ),
        (
            "a.txt",
            b"tree\nversion=v4\nend of tre".to_vec(),
            "the LightGBM file is damaged at byte 26: \"end of trees\" is missing",
        ),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(inspect(name, &bytes).expect_err(expected).to_string(), expected);
    }
    assert_eq!(found("a.pt", &zip), "damaged pytorch");
}

#[test]
fn the_file_that_stands_for_a_folder() {
    let cases: [(&[&str], Option<&str>); 5] = [
        (&["variables/x.index", "saved_model.pb", "a.onnx"], Some("saved_model.pb")),
        (&["README.md", "model.onnx", "weights.bin"], Some("model.onnx")),
        (&["a.onnx", "b.onnx"], None),
        (&["README.md"], None),
        (&[], None),
    ];
    for (paths, expected) in cases {
        assert_eq!(main_file(paths), expected);
    }
}

#[test]
fn formats_have_names() {
    for format in ModelFormat::ALL {
        assert_eq!(ModelFormat::named(format.name()), Some(format));
    }
    assert_eq!(ModelFormat::named("doc"), None);
}

proptest! {
    #[test]
    fn damage_is_survived(which in 0_usize..14, at: prop::sample::Index, byte: u8) {
        let files = files::all();
        let (format, mut bytes) = files[which % files.len()].clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Err(ModelError::Damaged { at, .. }) = inspect(files::name(format), &bytes) {
            prop_assert!(at <= bytes.len() as u64 + u64::from(u32::MAX));
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0_usize..11) {
        let name = files::name(ModelFormat::ALL[which]);
        prop_assert_eq!(inspect(name, &bytes).is_err() || bytes[0] == 0x78, true);
    }
}

#[test]
fn a_header_is_enough_for_formats_that_have_one() {
    for (name, bytes) in [("a.safetensors", files::safetensors()), ("a.gguf", files::gguf())] {
        let (whole, size) = (inspect(name, &bytes), bytes.len() as u64);
        let mut enough = 0;
        for end in 0..bytes.len() {
            let Some(found) = inspect_start(name, &bytes[..end], size) else { continue };
            assert_eq!(found, whole, "{name}: {end} bytes");
            enough += 1;
            // The file is shorter or longer than its header says.
            let short = inspect_start(name, &bytes[..end], end as u64);
            assert!(short.is_some_and(|found| found.is_err()), "{name}: cut off at {end}");
        }
        assert!(enough > 0, "{name}");
        assert_eq!(inspect_start(name, &bytes, size), Some(whole));
    }
    let zip = files::zip(&[("a/data.pkl", b"x")]);
    assert_eq!(inspect_start("a.pt", &zip[..20], zip.len() as u64), None);
}

//! What is said of files with one thing wrong, and where.

use super::*;

/// The place and the reason.
fn damage(name: &str, bytes: &[u8]) -> String {
    match inspect(name, bytes) {
        Err(ModelError::Damaged { at, reason, .. }) => format!("{at}: {reason}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn archives() {
    let whole = files::zip(&[("archive/data.pkl", b"\x80\x02."), ("b", b"")]);
    let list = whole.windows(4).position(|part| part == b"PK\x01\x02").expect("a list");
    let cases: [(usize, u8, String); 3] = [
        (list, b'X', format!("{list}: the list of the archive's entries is broken")),
        // The first entry is said to start at 1.
        (list + 42, 1, "1: the entry \"archive/data.pkl\" is not where the list says".to_owned()),
        // And to be 64 kB long.
        (list + 22, 1, format!("30: 65555 bytes should follow, and {} are left", whole.len() - 30)),
    ];
    for (at, byte, expected) in cases {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        assert_eq!(damage("a.pt", &bytes), expected);
    }
    let mut large = files::zip64(&[("archive/data.pkl", b"\x80\x02.")]);
    let locator = large.windows(4).position(|part| part == b"PK\x06\x07").expect("a locator");
    large[locator + 8] = 3;
    assert_eq!(damage("a.pt", &large), "3: the archive's 64-bit end is not where it should be");
    let cut = "the list of the archive's entries is missing: it is cut off";
    assert_eq!(damage("a.pth", &whole[..list]), format!("{list}: {cut}"));
}

#[test]
fn ubjson() {
    let start = b"{L\0\0\0\0\0\0\0\x07learner";
    let cases: [(&[u8], &str); 9] = [
        (b"Z}x", "19: something follows the model's end"),
        (b"?}", "18: 0x3f is no type of a value"),
        (b"{?", "18: a length should stand here"),
        (b"Si\xff", "18: a length is negative"),
        (b"[$d]}", "20: values of one type are not counted"),
        (b"[$d#U\x03\0\0\0\0", "23: 12 bytes should follow, and 4 are left"),
        (b"[$L#L\x7f\xff\xff\xff\xff\xff\xff\xff", "30: a list is too long"),
        (b"[#U\x02T", "22: 1 bytes should follow, and 0 are left"),
        (b"S", "18: 1 bytes should follow, and 0 are left"),
    ];
    for (rest, expected) in cases {
        let bytes = [start, rest].concat();
        assert_eq!(damage("a.ubj", &bytes), expected, "{}", String::from_utf8_lossy(rest));
    }
    let deep = [&start[..], &[b'['; 100]].concat();
    assert_eq!(damage("a.ubj", &deep), "82: values nest deeper than 64");
    let good = [&start[..], b"[$Z#U\x05{$U#U\x01U\x01a\x07}"].concat();
    assert!(damage("a.ubj", &good).contains("a length should stand here"), "a list is no object");
}

#[test]
fn gguf() {
    let start = |tensors: u64, pairs: u64| {
        [&b"GGUF\x03\0\0\0"[..], &tensors.to_le_bytes(), &pairs.to_le_bytes()].concat()
    };
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let number = |number: u32| number.to_le_bytes().to_vec();
    let tensor = |dimensions: &[u64]| {
        let sizes: Vec<u8> = dimensions.iter().flat_map(|size| size.to_le_bytes()).collect();
        [text("t"), number(dimensions.len() as u32), sizes, number(0), vec![0; 8]].concat()
    };
    let alignment = [text("general.alignment"), number(4), number(3)].concat();
    let cases = [
        ([start(0, 1), text("k"), number(13)].concat(), "37: 13 is no type of a value"),
        ([start(0, 1), alignment].concat(), "57: tensors cannot be aligned to 3 bytes"),
        ([start(1, 0), tensor(&[1; 9])].concat(), "37: a tensor has 9 dimensions"),
        ([start(1, 0), tensor(&[1 << 40, 1 << 40])].concat(), "24: a tensor is too large"),
        (
            [start(1, 0), tensor(&[4]), vec![0; 20]].concat(),
            "57: the tensors take 16 bytes, and 13 are left",
        ),
        (start(0, u64::MAX), "24: 8 bytes should follow, and 0 are left"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(damage("a.gguf", &bytes), expected);
    }
}

#[test]
fn flatbuffers() {
    let whole = files::tflite();
    let cases = [
        // Before the file's start; a table without fields; no operators; beyond the end.
        (27, 0x7f, "24: a table points before the file"),
        (8, 3, "12: a table is too small"),
        (14, 0, "24: the model has no operators"),
        (92, 6, "96: 6 bytes should follow, and 5 are left"),
    ];
    for (at, byte, expected) in cases {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        assert_eq!(damage("a.tflite", &bytes), expected, "{at}");
    }
}

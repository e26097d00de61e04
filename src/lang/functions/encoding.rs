//! JSON, YAML, CSV, Base64, URLs.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use skyform_value::{Kind, Refinements, Str, Type, Value, json};

use super::signature::{Answer, Arguments, Function, any, function, parameter, string, unknown};
use super::{FunctionError, csv};

pub(super) const FUNCTIONS: &[Function] = &[
    function("base64decode", &[parameter("str", string)], string, |a| {
        let bytes =
            from_base64(a.text(0)).ok_or_else(|| a.wrong(0, "failed to decode base64 data"))?;
        text_of(a, bytes)
    }),
    function("base64encode", &[parameter("str", string)], string, |a| {
        Ok(STANDARD.encode(a.text(0)).into())
    }),
    function("base64gzip", &[parameter("str", string)], string, gzip),
    function("csvdecode", &[parameter("str", string)], any, csv_decode),
    function("jsondecode", &[unknown("str", string)], any, |a| {
        if let Kind::Unknown(text) = a.values[0].kind() {
            return match text.refinements.prefix.as_deref().and_then(never_json) {
                Some(first) => Err(a.wrong(
                    0,
                    format!("a JSON document cannot begin with the character '{first}'"),
                )),
                None => Ok(Value::unknown(Type::Any)),
            };
        }
        json::from_plain(&mended(a.text(0))).map_err(|error| a.wrong(0, error.0))
    }),
    function("jsonencode", &[parameter("val", any).unknown().open().null()], string, |a| {
        if !a.values[0].is_wholly_known() {
            return Ok(unknown_json(&a.values[0]));
        }
        if a.values[0].has_infinity() {
            return Err("cannot serialize infinity as JSON".into());
        }
        Ok(json::to_plain(&a.values[0]).into())
    }),
    function(
        "textdecodebase64",
        &[parameter("source", string), parameter("encoding", string)],
        string,
        text_decode,
    ),
    function(
        "textencodebase64",
        &[parameter("string", string), parameter("encoding", string)],
        string,
        text_encode,
    ),
    function("urlencode", &[parameter("str", string)], string, url_encode),
    function("yamldecode", &[parameter("src", string)], any, |a| {
        super::yaml::decode(a.text(0)).map_err(FunctionError::Failed)
    }),
    function("yamlencode", &[parameter("value", any).unknown().open().null()], string, |a| {
        if !a.values[0].is_wholly_known() {
            return Ok(Value::unknown(Type::String));
        }
        Ok(super::yaml::encode(&a.values[0]).into())
    })
    .may_be_null(),
];

/// The first character of a text, if no JSON can begin with it.
fn never_json(prefix: &str) -> Option<char> {
    let first = prefix.trim_start_matches([' ', '\t', '\n', '\r']).chars().next()?;
    let begins = matches!(first, '{' | '[' | '"' | '-' | '0'..='9' | 't' | 'f' | 'n');
    (!begins).then_some(first)
}

/// The JSON of something that is not known yet: how it will begin may be certain.
fn unknown_json(value: &Value) -> Value {
    let prefix = match value.ty() {
        _ if !value.is_certainly_not_null() => None,
        Type::Object(_) | Type::Map(_) => Some("{"),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some("["),
        Type::String => Some("\""),
        _ => None,
    };
    let prefix = prefix.map(Str::from);
    Value::unknown_refined(
        Type::String,
        Refinements { not_null: true, prefix, ..Refinements::default() },
    )
}

/// JSON text in which halves of surrogate pairs that stand alone are replaced, as a reader of UTF-16
/// would.
fn mended(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = text[at..].find('\\') {
        at += found;
        let Some(first) = unit(at) else {
            // Another escape: what it escapes is no escape of its own.
            at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
            continue;
        };
        at += 6;
        match first {
            0xd800..=0xdbff if matches!(unit(at), Some(0xdc00..=0xdfff)) => at += 6,
            0xd800..=0xdfff => {
                mended.push_str(&text[copied..at - 6]);
                mended.push('\u{fffd}');
                copied = at;
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[copied..]);
    Cow::Owned(mended)
}

/// Line breaks in it do not count.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.replace(['\r', '\n'], "")).ok()
}

fn text_of(arguments: &Arguments<'_>, bytes: Vec<u8>) -> Answer {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => {
            Err(arguments.wrong(0, "the result of decoding the provided string is not valid UTF-8"))
        }
    }
}

/// A gzip stream as the language writes it: the text's blocks are flushed, and an empty stored block
/// ends them.
fn gzip(arguments: &Arguments<'_>) -> Answer {
    use flate2::{Compress, Compression, FlushCompress};
    let text = arguments.text(0).as_bytes();
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut compress = Compress::new(Compression::default(), false);
    let mut body = Vec::with_capacity(text.len() + 64 + text.len() / 1000);
    compress
        .compress_vec(text, &mut body, FlushCompress::Sync)
        .map_err(|error| format!("failed to compress: {error}"))?;
    stream.extend(body);
    stream.extend([1, 0, 0, 0xff, 0xff]);
    let mut checksum = flate2::Crc::new();
    checksum.update(text);
    stream.extend(checksum.sum().to_le_bytes());
    stream.extend(checksum.amount().to_le_bytes());
    Ok(STANDARD.encode(stream).into())
}

fn csv_decode(arguments: &Arguments<'_>) -> Answer {
    let records = csv::records(arguments.text(0)).map_err(FunctionError::Failed)?;
    let mut records = records.into_iter();
    let Some(headers) = records.next() else {
        return Err("missing header line".into());
    };
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = headers.iter().find(|name| !seen.insert(*name)) {
        return Err(format!("duplicate column name \"{twice}\"").into());
    }
    let rows = records.map(|record| {
        let cells = headers.iter().map(String::as_str).zip(record);
        Value::object(cells.map(|(name, cell)| (name, Value::from(cell))))
    });
    let element = Type::object(headers.iter().map(|name| (Str::from(name.as_str()), Type::String)));
    Ok(Value::list(element, rows.collect()))
}

fn encoding(arguments: &Arguments<'_>) -> Result<&'static encoding_rs::Encoding, FunctionError> {
    let name = arguments.text(1);
    encoding_rs::Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        arguments.wrong(1, format!("\"{name}\" is not a supported IANA encoding name"))
    })
}

fn text_decode(arguments: &Arguments<'_>) -> Answer {
    let encoding = encoding(arguments)?;
    let bytes = from_base64(arguments.text(0))
        .ok_or_else(|| arguments.wrong(0, "the given value has an invalid base64 symbol"))?;
    let (text, _, broken) = encoding.decode(&bytes);
    if broken {
        return Err(arguments.wrong(
            0,
            format!(
                "the given string contains symbols that are not defined for {}",
                arguments.text(1)
            ),
        ));
    }
    Ok(text.into_owned().into())
}

fn text_encode(arguments: &Arguments<'_>) -> Answer {
    let encoding = encoding(arguments)?;
    let text = arguments.text(0);
    // UTF-16 has no encoder in the web's encoding standard.
    let units = || text.encode_utf16();
    let bytes = if encoding == encoding_rs::UTF_16LE {
        units().flat_map(u16::to_le_bytes).collect()
    } else if encoding == encoding_rs::UTF_16BE {
        units().flat_map(u16::to_be_bytes).collect()
    } else {
        let (bytes, _, broken) = encoding.encode(text);
        if broken {
            return Err(arguments.wrong(
                0,
                format!(
                    "the given string contains characters that cannot be represented in {}",
                    arguments.text(1)
                ),
            ));
        }
        bytes.into_owned()
    };
    Ok(STANDARD.encode(bytes).into())
}

fn url_encode(arguments: &Arguments<'_>) -> Answer {
    let mut encoded = String::new();
    for byte in arguments.text(0).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(encoded.into())
}

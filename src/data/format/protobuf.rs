//! The wire format of protocol buffers: fields one after the other, each with its number and length.
//!
//! Source: protobuf.dev, "Encoding".

use super::bytes::Bytes;
use super::error::Fault;

/// A field of a message.
pub(super) struct Field<'b> {
    pub(super) number: u64,
    pub(super) value: FieldValue<'b>,
    /// Where it starts.
    pub(super) at: usize,
}

pub(super) enum FieldValue<'b> {
    Number(u64),
    /// A text, bytes, a message, or packed numbers.
    Stretch(Bytes<'b>),
}

/// The next field; none at the message's end.
pub(super) fn next<'b>(message: &mut Bytes<'b>) -> Result<Option<Field<'b>>, Fault> {
    if message.left() == 0 {
        return Ok(None);
    }
    let at = message.at();
    let tag = varint(message)?;
    let number = tag >> 3;
    if number == 0 || number > 536_870_911 {
        return Err(Fault::new(at, format!("{number} is no number of a field")));
    }
    let value = match tag & 7 {
        0 => FieldValue::Number(varint(message)?),
        1 => FieldValue::Number(message.u64()?),
        2 => {
            let size = varint(message)?;
            FieldValue::Stretch(message.stretch(size)?)
        }
        5 => FieldValue::Number(u64::from(message.u32()?)),
        kind => return Err(Fault::new(at, format!("{kind} is no kind of field"))),
    };
    Ok(Some(Field { number, value, at }))
}

/// A number of up to 64 bits, seven a byte.
pub(super) fn varint(message: &mut Bytes<'_>) -> Result<u64, Fault> {
    let start = *message;
    let mut number = 0;
    for place in 0..10 {
        let byte = message.u8()?;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(start.fault("a number is longer than 64 bits"))
}

impl<'b> Field<'b> {
    pub(super) fn number_value(&self) -> Result<u64, Fault> {
        match &self.value {
            FieldValue::Number(number) => Ok(*number),
            FieldValue::Stretch(_) => {
                Err(Fault::new(self.at, format!("field {} should be a number", self.number)))
            }
        }
    }

    pub(super) fn message(&self) -> Result<Bytes<'b>, Fault> {
        match &self.value {
            FieldValue::Stretch(bytes) => Ok(*bytes),
            FieldValue::Number(_) => {
                Err(Fault::new(self.at, format!("field {} should have content", self.number)))
            }
        }
    }

    pub(super) fn text(&self) -> Result<String, Fault> {
        let bytes = self.message()?;
        let text = std::str::from_utf8(bytes.rest());
        let at = |bad: std::str::Utf8Error| bytes.at() + bad.valid_up_to();
        text.map(str::to_owned).map_err(|bad| Fault::new(at(bad), "a text is no valid UTF-8"))
    }
}

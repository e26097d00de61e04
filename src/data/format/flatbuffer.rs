//! TensorFlow Lite: a flatbuffer, of which tables, vectors and the weights' buffers are followed.
//!
//! Source: flatbuffers.dev, "FlatBuffer Internals"; TensorFlow's schema.fbs.

use super::bytes::Bytes;
use super::error::Fault;

/// Stands at byte 4 of a file.
pub(super) const MAGIC: &[u8] = b"TFL3";

/// Checks that the model is whole.
pub(super) fn check(file: &[u8]) -> Result<(), Fault> {
    let model = Table::at(file, u64::from(Bytes::new(file).u32()?))?;
    // Fields of `Model`: operator_codes, subgraphs, buffers; each a vector of tables.
    for (field, name) in [(1, "operators"), (2, "graphs"), (4, "buffers")] {
        let Some(at) = model.field(field)? else {
            return Err(Fault::new(model.start, format!("the model has no {name}")));
        };
        for table in tables(file, at)? {
            let table = Table::at(file, table)?;
            if field == 4 {
                table.check_buffer()?;
            }
        }
    }
    Ok(())
}

struct Table<'b> {
    file: &'b [u8],
    start: usize,
    /// The table of places of fields, without its two sizes.
    places: Bytes<'b>,
}

impl<'b> Table<'b> {
    fn at(file: &'b [u8], start: u64) -> Result<Table<'b>, Fault> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let back = i32::from_le_bytes(Bytes::from(file, start).array()?);
        let places = i64::try_from(start).ok().map(|start| start - i64::from(back));
        let places = places.and_then(|places| usize::try_from(places).ok());
        let places = places.ok_or_else(|| Fault::new(start, "a table points before the file"))?;
        let mut places = Bytes::from(file, places);
        let size = u64::from(places.u16()?);
        places.u16()?;
        let rest = size.checked_sub(4).ok_or_else(|| places.fault("a table is too small"))?;
        Ok(Table { file, start, places: places.stretch(rest)? })
    }

    /// Where a field's content stands; none if it is not there.
    fn field(&self, number: u64) -> Result<Option<usize>, Fault> {
        let mut places = self.places;
        if (number + 1) * 2 > places.left() as u64 {
            return Ok(None);
        }
        places.take(number * 2)?;
        let place = usize::from(places.u16()?);
        Ok((place > 0).then(|| self.start.saturating_add(place)))
    }

    /// A buffer has its data inside, or in the file behind the flatbuffer (offset and size).
    fn check_buffer(&self) -> Result<(), Fault> {
        if let Some(at) = self.field(0)? {
            let mut data = Bytes::from(self.file, follow(self.file, at)?);
            let size = data.u32()?;
            data.take(u64::from(size))?;
        }
        let number = |field| match self.field(field)? {
            Some(at) => Bytes::from(self.file, at).u64(),
            None => Ok(0),
        };
        let (offset, size) = (number(1)?, number(2)?);
        let end = offset.checked_add(size);
        if end.is_none_or(|end| end > self.file.len() as u64) {
            return Err(Fault::new(self.start, "the data of a buffer is beyond the file's end"));
        }
        Ok(())
    }
}

fn follow(file: &[u8], at: usize) -> Result<usize, Fault> {
    let offset = Bytes::from(file, at).u32()?;
    Ok(at.saturating_add(offset as usize))
}

/// The places of a vector's tables.
fn tables(file: &[u8], at: usize) -> Result<Vec<u64>, Fault> {
    let mut vector = Bytes::from(file, follow(file, at)?);
    let count = u64::from(vector.u32()?);
    let mut vector = vector.stretch(count * 4)?;
    let mut found = Vec::new();
    while vector.left() > 0 {
        let place = vector.at() as u64;
        found.push(place + u64::from(vector.u32()?));
    }
    Ok(found)
}

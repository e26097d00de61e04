//! A small file, read and hashed in one step on a thread that may wait.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use opendal::Buffer;
use opendal::raw::Timestamp;

use super::error::CopyError;
use super::listing::Found;
use super::object::ended;
use super::place::Place;
use super::sums::{Piece, Sums};

/// The file at `from` as a whole, with its digests: the one that was listed, and not written to since.
pub(super) async fn read(
    place: &Place,
    from: &str,
    found: &Found,
    sums: Sums,
) -> Result<(Buffer, Piece), CopyError> {
    let path = Path::new(&*place.store.info().root()).join(place.key(from));
    let (tag, size) = (found.tag.clone(), found.size);
    let read = tokio::task::spawn_blocking(move || {
        let bytes = content(&path, size)?;
        let is_same = tag_of(&fs::metadata(&path)?)? == tag && bytes.len() as u64 == size;
        Ok(is_same.then(|| {
            let bytes = Buffer::from(bytes);
            let (_, piece) = sums.add_now(bytes.clone());
            (bytes, piece)
        }))
    });
    match read.await.map_err(ended)? {
        Ok(Some(read)) => Ok(read),
        Ok(None) => Err(CopyError::Changed(from.to_owned())),
        Err(error) => Err(failed(from, error)),
    }
}

fn failed(from: &str, error: io::Error) -> CopyError {
    match error.kind() {
        ErrorKind::NotFound => CopyError::Changed(from.to_owned()),
        _ => CopyError::Source { path: from.to_owned(), error },
    }
}

/// The content, and a byte more if there is more than was said.
fn content(path: &Path, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    File::open(path)?.take(size + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The tag that a listing gives a file.
fn tag_of(about: &Metadata) -> io::Result<String> {
    let written = Timestamp::try_from(about.modified()?).map_err(io::Error::other)?;
    Ok(Found::tag_of_file(&written.to_string(), about.len()))
}

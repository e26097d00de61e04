//! Reads numbers and pieces from bytes; each fault knows its place in the file.

use super::error::Fault;

/// What is left of a stretch of a file.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'b> {
    file: &'b [u8],
    at: usize,
    end: usize,
}

impl<'b> Bytes<'b> {
    pub(super) fn new(file: &'b [u8]) -> Bytes<'b> {
        Bytes { file, at: 0, end: file.len() }
    }

    /// From `at` to the file's end.
    pub(super) fn from(file: &'b [u8], at: usize) -> Bytes<'b> {
        Bytes { file, at: at.min(file.len()), end: file.len() }
    }

    /// The place in the file.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn left(&self) -> usize {
        self.end - self.at
    }

    pub(super) fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault::new(self.at, reason)
    }

    pub(super) fn take(&mut self, size: u64) -> Result<&'b [u8], Fault> {
        let stretch = self.stretch(size)?;
        Ok(&stretch.file[stretch.at..stretch.end])
    }

    /// The next `size` bytes as a stretch of their own.
    pub(super) fn stretch(&mut self, size: u64) -> Result<Bytes<'b>, Fault> {
        let fits = usize::try_from(size).ok().filter(|size| *size <= self.left());
        let Some(size) = fits else {
            let left = self.left();
            return Err(self.fault(format!("{size} bytes should follow, and {left} are left")));
        };
        let stretch = Bytes { file: self.file, at: self.at, end: self.at + size };
        self.at += size;
        Ok(stretch)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let taken = self.take(N as u64)?;
        Ok(taken.try_into().expect("as many as were taken"))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'b [u8] {
        &self.file[self.at..self.end]
    }
}

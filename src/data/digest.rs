//! SHA-256 of bytes and of streams, as lower-case hexadecimal text.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

/// The SHA-256 of `bytes`: 64 lower-case hexadecimal digits.
///
/// ```
/// let digest = skyform_data::digest::of(b"abc");
/// assert!(digest.starts_with("ba7816bf"));
/// ```
pub fn of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The SHA-256 of all that is left in `reader`, and how many bytes that was. Holds one small block
/// of it at a time.
///
/// # Errors
/// What the reader says.
pub fn of_reader(reader: &mut dyn Read) -> io::Result<(String, u64)> {
    copy(reader, &mut io::sink())
}

/// Copies all that is left in `reader` to `writer`; gives its SHA-256 and how many bytes it was.
///
/// # Errors
/// What the reader and the writer say.
pub fn copy(reader: &mut dyn Read, writer: &mut dyn Write) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let read = match reader.read(&mut block) {
            Ok(0) => return Ok((hexadecimal(&hasher.finalize()), size)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&block[..read]);
        writer.write_all(&block[..read])?;
        size += read as u64;
    }
}

/// Whether the text is a digest as this module writes it.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of FIPS 180-2, appendix B.
    const CASES: [(&str, &str); 3] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ];

    #[test]
    fn published_examples() {
        for (text, expected) in CASES {
            assert_eq!(of(text.as_bytes()), expected);
            assert!(is_digest(expected));
            let size = text.len() as u64;
            let found = of_reader(&mut text.as_bytes()).expect("read");
            assert_eq!(found, (expected.to_owned(), size));
        }
    }

    /// Gives its bytes in pieces, with interruptions between them.
    struct Pieces<'b>(&'b [u8], bool);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let size = into.len().min(self.0.len()).min(7001);
            into[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    #[test]
    fn a_stream_has_the_digest_of_its_bytes() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
        let mut copied = Vec::new();
        let found = copy(&mut Pieces(&bytes, false), &mut copied).expect("copied");
        assert_eq!(found, (of(&bytes), 300_000));
        assert_eq!(copied, bytes);
    }

    #[test]
    fn what_is_no_digest() {
        let upper = CASES[1].1.to_uppercase();
        for bad in ["", "abc", &upper, &CASES[1].1[1..], &"g".repeat(64)] {
            assert!(!is_digest(bad), "{bad}");
        }
    }

    #[test]
    fn a_reader_that_fails() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let error = of_reader(&mut Broken).expect_err("broken");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}

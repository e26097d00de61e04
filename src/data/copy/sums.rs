//! Digests of a stream, computed piece by piece.

use md5::Md5;
use opendal::Buffer;
use sha2::{Digest as _, Sha256};

use crate::digest;

/// Larger pieces are worth the way to another thread.
const INLINE: usize = 256 << 10;

/// SHA-256 of all that went through, and MD5 of each piece where stores tell theirs.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    whole: Sha256,
    with_md5: bool,
}

/// What is known after a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// SHA-256 of everything up to the piece's end.
    pub(super) sha256: String,
    /// MD5 of the piece alone.
    pub(super) md5: Option<[u8; 16]>,
}

impl Sums {
    pub(super) fn new(with_md5: bool) -> Sums {
        Sums { whole: Sha256::new(), with_md5 }
    }

    /// Takes in a piece.
    pub(super) async fn add(self, piece: &Buffer) -> Result<(Sums, Piece), tokio::task::JoinError> {
        if piece.len() <= INLINE {
            return Ok(self.add_now(piece.clone()));
        }
        let piece = piece.clone();
        tokio::task::spawn_blocking(move || self.add_now(piece)).await
    }

    /// The same, on this thread.
    pub(super) fn add_now(mut self, piece: Buffer) -> (Sums, Piece) {
        let mut md5 = self.with_md5.then(Md5::new);
        for bytes in piece {
            self.whole.update(&bytes);
            if let Some(md5) = &mut md5 {
                md5.update(&bytes);
            }
        }
        let sha256 = digest::hexadecimal(&self.whole.clone().finalize());
        let md5 = md5.map(|md5| md5.finalize().into());
        (self, Piece { sha256, md5 })
    }
}

/// The tag that S3 gives an object that was uploaded in parts: MD5 of the parts' MD5s, and their
/// number.
pub(super) fn tag_of_parts(parts: &[[u8; 16]]) -> String {
    let mut all = Md5::new();
    parts.iter().for_each(|part| all.update(part));
    format!("{}-{}", digest::hexadecimal(&all.finalize()), parts.len())
}

/// How many parts an object was uploaded in, if its tag is that of parts.
pub(super) fn number_of_parts(tag: &str) -> Option<u64> {
    let (digits, number) = bare(tag).rsplit_once('-')?;
    as_md5(digits)?;
    number.parse().ok().filter(|number| *number > 0)
}

/// A tag without its quotes; weak ones are as good here.
pub(super) fn bare(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

/// A tag as an MD5 in hexadecimal digits, if it looks like one.
pub(super) fn as_md5(tag: &str) -> Option<String> {
    let tag = bare(tag);
    let is_md5 = tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_md5.then(|| tag.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn digests_of_pieces() {
        let sums = Sums::new(true);
        let (sums, first) = sums.add(&Buffer::from("a")).await.expect("no panic");
        assert_eq!(first.sha256, digest::of(b"a"));
        let large = Buffer::from(vec![b'b'; INLINE + 1]);
        let (_, second) = sums.add(&large).await.expect("no panic");
        let whole = ["a".as_bytes(), &vec![b'b'; INLINE + 1]].concat();
        assert_eq!(second.sha256, digest::of(&whole));
        let md5 = first.md5.expect("asked for");
        assert_eq!(digest::hexadecimal(&md5), "0cc175b9c0f1b6a831c399e269772661");
        let (_, without) = Sums::new(false).add(&Buffer::from("a")).await.expect("no panic");
        assert_eq!(without.md5, None);
    }

    #[test]
    fn tags() {
        // Computed with coreutils: the parts "a" and "b".
        let part = |text: &str| -> [u8; 16] { Md5::digest(text.as_bytes()).into() };
        let tag = tag_of_parts(&[part("a"), part("b")]);
        assert_eq!(tag, "96e024ba2074fe77e8e965ba43a704be-2");
        let md5 = "0CC175B9C0F1B6A831C399E269772661";
        assert_eq!(as_md5(&format!("\"{md5}\"")), Some(md5.to_ascii_lowercase()));
        assert_eq!(as_md5(&format!("W/\"{md5}\"")), Some(md5.to_ascii_lowercase()));
        for other in ["", "\"0x8D\"", &format!("{md5}-2"), &md5[1..]] {
            assert_eq!(as_md5(other), None, "{other}");
        }
        assert_eq!(number_of_parts(&format!("\"{md5}-12\"")), Some(12));
        for other in [md5.to_owned(), format!("{md5}-"), format!("{md5}-0"), "a-2".to_owned()] {
            assert_eq!(number_of_parts(&other), None, "{other}");
        }
    }
}

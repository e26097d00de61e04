//! What the engine needs of the world; handed in by the root crate.

use std::path::Path;

use skyform_lang::Files;
use skyform_lang::eval::Environment;

/// Files, time, randomness and names.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Reads files.
    pub files: &'a dyn Files,
    /// Fetches what lies on the web.
    pub web: &'a dyn Web,
    /// The current folder, absolute.
    pub working_dir: &'a Path,
    /// The root module's folder.
    pub root_dir: &'a Path,
    /// The workspace's name.
    pub workspace: &'a str,
    /// The time now, in RFC 3339.
    pub now: &'a str,
    /// Fills bytes with random ones.
    pub random: &'a dyn Fn(&mut [u8]),
}

/// Fetches what lies on the web.
pub trait Web: Sync {
    /// What lies at an http(s) address; or what lay there when it could last be reached.
    ///
    /// # Errors
    /// Why there is nothing, as a sentence.
    fn fetch(&self, url: &str) -> Result<Page, String>;
}

/// What lies at an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The content.
    pub bytes: Vec<u8>,
    /// Why it is what was kept from an earlier time, and when that was; none if it is the server's.
    pub kept: Option<Kept>,
}

/// Content of an earlier time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// When it was last known to be the server's, in RFC 3339.
    pub since: String,
    /// Why the server could not be asked, as a sentence.
    pub why: String,
}

/// A web that nothing can be fetched from.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWeb;

impl Web for NoWeb {
    fn fetch(&self, _url: &str) -> Result<Page, String> {
        Err("Nothing is fetched here.".to_owned())
    }
}

impl<'a> World<'a> {
    /// For evaluation while planning: what is made anew in each run is not known yet.
    pub(crate) fn while_planning(&self) -> Environment<'a> {
        Environment {
            files: self.files,
            working_dir: self.working_dir,
            root_dir: self.root_dir,
            workspace: self.workspace,
            plan_timestamp: Some(self.now),
            now: None,
            random: self.random,
        }
    }

    /// For evaluation while applying a plan that was made at `plan_timestamp`.
    pub(crate) fn while_applying(&self, plan_timestamp: &'a str) -> Environment<'a> {
        Environment {
            plan_timestamp: Some(plan_timestamp),
            now: Some(self.now),
            ..self.while_planning()
        }
    }

    /// A random token, in hexadecimal digits.
    pub(crate) fn token(&self, bytes: usize) -> String {
        let mut random = vec![0; bytes];
        (self.random)(&mut random);
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
        random.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }
}

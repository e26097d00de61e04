//! What tidy has found.

/// Findings, each a line of `file:line: message`.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    lines: Vec<String>,
}

impl Findings {
    pub(crate) fn add(&mut self, path: &str, line: usize, message: &str) {
        self.lines.push(format!("{path}:{line}: {message}"));
    }

    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }
}

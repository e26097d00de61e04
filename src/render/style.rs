//! Colours and emphasis, or none.

use anstyle::{AnsiColor, Style as Ansi};

/// Whether text may be coloured. Colour never carries meaning alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences are written.
    pub colour: bool,
}

impl Style {
    fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn fg(self, colour: AnsiColor, text: &str) -> String {
        self.paint(Ansi::new().fg_color(Some(colour.into())), text)
    }

    /// Emphasised.
    pub fn bold(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }

    /// Made or good.
    pub fn green(self, text: &str) -> String {
        self.fg(AnsiColor::Green, text)
    }

    /// Deleted or bad.
    pub fn red(self, text: &str) -> String {
        self.fg(AnsiColor::Red, text)
    }

    /// Changed.
    pub fn yellow(self, text: &str) -> String {
        self.fg(AnsiColor::Yellow, text)
    }

    /// Read, or said beside.
    pub fn cyan(self, text: &str) -> String {
        self.fg(AnsiColor::Cyan, text)
    }

    /// Less important.
    pub fn dim(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }
}

//! What `console` does with a line, and how it talks to a terminal.

mod names;
mod session;
mod terminal;

pub(crate) use session::{Answer, Session};
pub(crate) use terminal::run as run_in_terminal;

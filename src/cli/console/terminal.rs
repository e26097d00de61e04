//! The console in a terminal: lines that can be edited, history, completion.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Cmd, ColorMode, CompletionType, ConditionalEventHandler, Config, Editor, Event, EventContext,
    EventHandler, Helper, KeyEvent, RepeatCount,
};
use skyform_lang::syntax;

use super::names::complete;
use super::session::{Answer, Session};
use crate::cli::context::Context;
use crate::cli::{EXIT_ERROR, EXIT_OK};

const PROMPT: &str = "> ";

/// Asks and answers until the user ends it; the exit code.
pub(crate) fn run(session: Session<'_>) -> u8 {
    let context = session.context;
    let session = RefCell::new(session);
    let had_text = Arc::new(AtomicBool::new(false));
    let mut editor = match editor(&session, &had_text) {
        Ok(editor) => editor,
        Err(error) => {
            context.complain(&format!("Error: the terminal cannot be used: {error}\n"));
            return EXIT_ERROR;
        }
    };
    let history = history_file(context);
    if let Some(file) = &history {
        // The first session finds none.
        let _ = editor.load_history(file);
    }
    loop {
        let text = match editor.readline(PROMPT) {
            Ok(text) => text,
            // Ctrl-C takes back what was typed; on an empty line it ends the session.
            Err(ReadlineError::Interrupted) if had_text.load(Ordering::Relaxed) => continue,
            Err(_) => break,
        };
        let answer = session.borrow_mut().answer(&text);
        match answer {
            Answer::Text(text) => context.print(&text),
            Answer::Wrong(problems) => {
                session.borrow().report(&problems);
            }
            Answer::End => break,
        }
    }
    if let Some(file) = &history
        && let Err(error) = save_history(&mut editor, file)
    {
        let file = file.display();
        context.complain(&format!("Warning: the history was not kept in {file}: {error}\n"));
    }
    EXIT_OK
}

type ConsoleEditor<'a> = Editor<Assistant<'a>, FileHistory>;

fn editor<'a>(
    session: &'a RefCell<Session<'a>>,
    had_text: &Arc<AtomicBool>,
) -> rustyline::Result<ConsoleEditor<'a>> {
    let config = Config::builder()
        .auto_add_history(true)
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .color_mode(ColorMode::Disabled)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assistant { session }));
    let interrupt = Interrupt { had_text: Arc::clone(had_text) };
    editor.bind_sequence(KeyEvent::ctrl('c'), EventHandler::Conditional(Box::new(interrupt)));
    Ok(editor)
}

/// Where lines of earlier sessions are kept; readable by the user alone.
fn history_file(context: &Context) -> Option<PathBuf> {
    let own = context.variable("XDG_STATE_HOME").filter(|folder| folder.starts_with('/'));
    let folder = match own {
        Some(folder) => PathBuf::from(folder),
        None => context.disk.home_dir.as_ref()?.join(".local/state"),
    };
    Some(folder.join("skyform/console-history"))
}

fn save_history(editor: &mut ConsoleEditor<'_>, file: &Path) -> rustyline::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    editor.append_history(file)
}

/// Remembers on Ctrl-C whether there was something on the line.
struct Interrupt {
    had_text: Arc<AtomicBool>,
}

impl ConditionalEventHandler for Interrupt {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, line: &EventContext<'_>) -> Option<Cmd> {
        self.had_text.store(!line.line().is_empty(), Ordering::Relaxed);
        Some(Cmd::Interrupt)
    }
}

/// What the editor asks while a line is typed.
struct Assistant<'a> {
    session: &'a RefCell<Session<'a>>,
}

impl Completer for Assistant<'_> {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(&mut self.session.borrow_mut(), &line[..position]))
    }
}

impl Validator for Assistant<'_> {
    fn validate(&self, line: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match syntax::is_unfinished(line.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Helper for Assistant<'_> {}

impl Hinter for Assistant<'_> {
    type Hint = String;
}

impl Highlighter for Assistant<'_> {}

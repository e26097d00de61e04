//! The project's own chores: `cargo xtask tidy` checks the tree's conventions, `cargo xtask figures`
//! counts lines.

mod edges;
mod figures;
mod findings;
mod rust_file;
mod tree;

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut stdout = std::io::stdout();
    let root = tree::root();
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => {
            let files = tree::files(&root);
            let mut found = findings::Findings::default();
            rust_file::check_all(&files, &mut found);
            edges::check_all(&files, &mut found);
            tree::check_all(&files, &mut found);
            for line in found.lines() {
                let _ = writeln!(stdout, "{line}");
            }
            let _ =
                writeln!(stdout, "tidy: {} files, {} findings", files.len(), found.lines().len());
            // A tree without files was not looked at.
            let good = found.lines().is_empty() && !files.is_empty();
            if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Some("figures") => {
            let _ = write!(stdout, "{}", figures::table(&tree::files(&root)));
            ExitCode::SUCCESS
        }
        _ => {
            let _ = writeln!(stdout, "usage: cargo xtask tidy | figures");
            ExitCode::from(64)
        }
    }
}

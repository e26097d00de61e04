//! The `skyform` command: reads arguments, runs the command line, and ends with its exit code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Evaluation recurses as deep as configurations nest, so it gets a stack of its own.
    let worker = std::thread::Builder::new().stack_size(256 << 20).spawn(cli::run_process);
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(_)) | Err(_) => ExitCode::from(cli::EXIT_BUG),
    }
}

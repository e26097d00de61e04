//! `test`

use std::future::poll_fn;
use std::task::Poll;

use skyform_diag::{Diagnostic, Location};
use skyform_render::json::{test_abstract, test_summary};
use skyform_render::{junit_xml, test_summary_text};
use skyform_testing::{Status, carry_out};
use tokio_util::sync::CancellationToken;

use crate::cli::arguments::TestArgs;
use crate::cli::context::Context;
use crate::cli::stream::{Stream, write};
use crate::cli::test_suite::{Loaded, load};
use crate::cli::test_view::TestView;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &TestArgs) -> u8 {
    let stream = args.json.then(Stream::begin);
    let Loaded { suite, sources, diagnostics } = load(context, args);
    match &stream {
        Some(stream) => stream.report(&diagnostics, &sources),
        None => {
            context.report(&diagnostics, &sources, args.no_color);
        }
    }
    if diagnostics.has_errors() {
        return EXIT_ERROR;
    }
    if args.json {
        let files = suite.files.iter();
        let files = files.map(|file| {
            (file.name.as_str(), file.runs.iter().map(|run| run.name.as_str()).collect())
        });
        write(test_abstract(&files.collect::<Vec<_>>()));
    }
    listen(&suite.stop, &suite.abort);
    let view = TestView::new(context, &suite, &sources, args);
    let summary = carry_out(&suite, &view);
    let status = summary.status.unwrap_or(Status::Pass);
    let good = status == Status::Pass;
    let failed = summary.failed + summary.errored;
    if args.json {
        write(test_summary(
            status.word(),
            summary.passed,
            summary.failed,
            summary.errored,
            summary.skipped,
        ));
    } else {
        let style = context.style(args.no_color);
        let text = test_summary_text(good, summary.passed, failed, summary.skipped);
        let text = if good { style.green(&text) } else { style.red(&text) };
        context.print(&format!("\n{text}\n"));
    }
    if let Some(path) = &args.junit_xml
        && let Err(error) = std::fs::write(path, junit_xml(&view.suites()))
    {
        let place = Location::input(path.display());
        let problem = Diagnostic::error(place, "Report could not be written", format!("{error}."));
        return context.report(&problem.into(), &sources, args.no_color);
    }
    if good { EXIT_OK } else { EXIT_ERROR }
}

/// The first interrupt ends the tests, with everything destroyed that was made; the second does not
/// wait for that either. When this returns, interrupts are heard.
fn listen(stop: &CancellationToken, abort: &CancellationToken) {
    let (stop, abort) = (stop.clone(), abort.clone());
    let (ready, is_ready) = std::sync::mpsc::channel();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let first = tokio::signal::ctrl_c();
            tokio::pin!(first);
            // It is heard from the first look at it on.
            let early = poll_fn(|context| Poll::Ready(first.as_mut().poll(context))).await;
            let _ = ready.send(());
            let heard = match early {
                Poll::Ready(heard) => heard,
                Poll::Pending => first.await,
            };
            if heard.is_err() {
                return;
            }
            let mut stderr = std::io::stderr();
            let _ = std::io::Write::write_all(
                &mut stderr,
                b"Stopping: what runs is finished, and what was made is destroyed. Interrupt again to leave it behind.\n",
            );
            stop.cancel();
            if tokio::signal::ctrl_c().await.is_ok() {
                abort.cancel();
            }
        });
    };
    // It ends with the process.
    let _ = std::thread::Builder::new().name("interrupts".to_owned()).spawn(work);
    // An error says that there is nothing to wait for.
    let _ = is_ready.recv();
}

//! `serve`: an inference server for one ONNX model.

mod wanted;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap};
use skyform_serve::{
    Ended, Limits, LoadError, LoadedModel, RuntimeChoice, RuntimeKind, Service, Settings,
};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::arguments::ServeArgs;
use crate::cli::context::Context;
use crate::cli::{EXIT_ERROR, EXIT_OK, onnxruntime};

use wanted::Wanted;

/// How long requests may go on after the server was told to end.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) fn run(context: &Context, args: &ServeArgs) -> u8 {
    let problem = match serve(context, args) {
        Ok(Ended::InOrder) => return EXIT_OK,
        Ok(Ended::CutOff) => {
            context.complain("Requests were cut off: they did not end in time.\n");
            return EXIT_OK;
        }
        Err(problem) => problem,
    };
    if let Some(path) = &args.ready_file {
        let Diagnostic { summary, detail, hint, .. } = &problem;
        let error = json!({"summary": summary, "detail": detail, "hint": hint});
        if let Err(error) = write_whole(path, &json!({ "error": error })) {
            context.complain(&format!("{}: {error}\n", path.display()));
        }
    }
    context.report(&Diagnostics::from(problem), &SourceMap::default(), false);
    EXIT_ERROR
}

fn serve(context: &Context, args: &ServeArgs) -> Result<Ended, Diagnostic> {
    let wanted = &Wanted::new(context, args)?;
    let model = load(context, wanted)?;
    let settings = Settings {
        name: wanted.name.clone(),
        version: wanted.version.clone(),
        instance: args.instance.clone(),
        replicas: args.replicas.into(),
        limits: Limits::default(),
    };
    let service =
        Service::start(&model, settings).map_err(|error| model_problem(context, wanted, &error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed("process", "Process out of resources", error))?;
    runtime.block_on(async {
        let cannot_listen = |error| failed(&wanted.listen, "Address not usable", error);
        let listener = listen(wanted).await.map_err(cannot_listen)?;
        let url = url(&listener).map_err(cannot_listen)?;
        let asked_to_end =
            asked_to_end().map_err(|error| failed("process", "Signals not available", error))?;
        announce(context, wanted, &model, &url)?;
        skyform_serve::serve(service, listener, asked_to_end, GRACE)
            .await
            .map_err(|error| failed(&wanted.listen, "Server broken off", error))
    })
}

fn load(context: &Context, wanted: &Wanted<'_>) -> Result<LoadedModel, Diagnostic> {
    let choice = match wanted.args.runtime.as_str() {
        "tract" => RuntimeChoice::Only(RuntimeKind::Tract),
        "onnxruntime" => RuntimeChoice::Only(RuntimeKind::OnnxRuntime),
        _ => RuntimeChoice::Auto,
    };
    skyform_serve::load(&wanted.model, choice, &onnxruntime::candidates(context))
        .map_err(|error| model_problem(context, wanted, &error))
}

/// A listener at the address. With a shared one the kernel gives new connections to either server, and
/// to the other alone once one of them has stopped listening.
async fn listen(wanted: &Wanted<'_>) -> std::io::Result<TcpListener> {
    const BACKLOG: u32 = 1024;
    if !wanted.args.share_address {
        return TcpListener::bind(&wanted.listen).await;
    }
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in tokio::net::lookup_host(&wanted.listen).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
        match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Where clients reach the listener. One that listens everywhere is also here.
fn url(listener: &TcpListener) -> std::io::Result<String> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(format!("http://{address}"))
}

/// Done once the process is interrupted or terminated.
fn asked_to_end() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Says where the server is, to whoever reads along and to whoever started it.
fn announce(
    context: &Context,
    wanted: &Wanted<'_>,
    model: &LoadedModel,
    url: &str,
) -> Result<(), Diagnostic> {
    let args = wanted.args;
    if let Some(path) = &args.ready_file {
        let ready = json!({
            "url": url,
            "pid": std::process::id(),
            "runtime": model.runtime().name(),
            "model": wanted.name,
            "version": wanted.version,
            "replicas": args.replicas,
            "instance": args.instance,
        });
        write_whole(path, &ready)
            .map_err(|error| failed(&path.display().to_string(), "File not writable", error))?;
    }
    context.print(&format!("{url}\n"));
    Ok(())
}

/// Writes a file so that nobody ever sees a part of it.
fn write_whole(path: &Path, value: &Value) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let unfinished = path.with_file_name(name);
    std::fs::write(&unfinished, format!("{value}\n"))?;
    std::fs::rename(&unfinished, path)
}

fn failed(place: &str, summary: &'static str, error: std::io::Error) -> Diagnostic {
    Diagnostic::error(Location::input(place), summary, format!("{error}."))
}

fn model_problem(context: &Context, wanted: &Wanted<'_>, error: &LoadError) -> Diagnostic {
    let mut detail = error.to_string();
    if let (LoadError::NeedsOnnxRuntime { .. } | LoadError::NoLibrary, Some(named)) =
        (error, context.variable(onnxruntime::VARIABLE))
    {
        detail = format!("{detail} {} names \"{named}\", which is no file.", onnxruntime::VARIABLE);
    }
    let place = Location::input(wanted.model.display());
    let problem = Diagnostic::error(place, error.summary(), detail);
    match error.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

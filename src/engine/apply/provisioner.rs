//! Provisioners: `local-exec`. An object whose provisioner failed, or was cut off, is tainted.

use skyform_diag::{Diagnostics, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{Provisioner, Resource};
use skyform_state::journal::IntentAction;
use skyform_state::{Object, ObjectStatus};
use skyform_value::{Marks, Value};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::action::Subject;
use super::walk::Apply;
use crate::Event;
use crate::provisioners::local_exec;
use crate::removed::removed_block;

impl Apply<'_> {
    /// Runs the provisioners of an object that has just been made.
    pub(super) async fn provision(
        &self,
        subject: &Subject<'_>,
        block: &Resource,
        value: &Value,
        object: Object,
    ) -> Result<(), Diagnostics> {
        let all = block.provisioners.iter().filter(|provisioner| !provisioner.on_destroy);
        let all: Vec<&Provisioner> = all.collect();
        if all.is_empty() {
            return Ok(());
        }
        let token = self.request.world.token(16);
        let none = Value::null();
        let intent = self.begin(subject, IntentAction::Provision, &none, &[], &token, None).await?;
        let result = match self.scope(subject) {
            Some(scope) => self.run_all(subject, &all, &scope.with_self(value.clone())).await,
            None => Ok(()),
        };
        let (status, errors) = match &result {
            Ok(()) => (object.status, Diagnostics::new()),
            Err(errors) => (ObjectStatus::Tainted, errors.clone()),
        };
        self.end(subject, intent, Some(Object { status, ..object }), None, &errors)?;
        result
    }

    /// Runs the provisioners of an object that is about to go.
    pub(super) async fn provision_destroy(&self, subject: &Subject<'_>) -> Result<(), Diagnostics> {
        let address = &subject.change.address;
        let removed = removed_block(self.request.config, address);
        let (provisioners, scope) = match (subject.block, removed) {
            (Some((_, block)), _) => (&block.provisioners, self.scope(subject)),
            (None, Some((module, removed))) => {
                let scope = Scope::new(module, address.resource.module.clone());
                (&removed.provisioners, Some(scope.with_key(address.key.as_ref(), None)))
            }
            (None, None) => return Ok(()),
        };
        let Some(scope) = scope else { return Ok(()) };
        let tainted =
            self.current_object(subject).is_some_and(|o| o.status == ObjectStatus::Tainted);
        let all = provisioners.iter().filter(|provisioner| provisioner.on_destroy);
        let all: Vec<&Provisioner> = all.collect();
        if all.is_empty() || tainted {
            return Ok(());
        }
        self.run_all(subject, &all, &scope.with_self(subject.change.before.clone())).await
    }

    async fn run_all(
        &self,
        subject: &Subject<'_>,
        all: &[&Provisioner],
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        for provisioner in all {
            self.request.events.event(Event::ProvisionStarted {
                address: subject.text.clone(),
                provisioner: provisioner.kind.to_string(),
            });
            let result = self.run_one(subject, provisioner, scope).await;
            self.request.events.event(Event::ProvisionFinished {
                address: subject.text.clone(),
                provisioner: provisioner.kind.to_string(),
                good: result.is_ok(),
            });
            match result {
                Err(mut errors) if provisioner.continue_on_failure => {
                    errors = errors
                        .into_iter()
                        .map(|mut error| {
                            error.severity = skyform_diag::Severity::Warning;
                            error
                        })
                        .collect();
                    self.report(&subject.text, errors);
                }
                result => result?,
            }
        }
        Ok(())
    }

    async fn run_one(
        &self,
        subject: &Subject<'_>,
        provisioner: &Provisioner,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        if provisioner.kind != "local-exec" {
            return Err(error_at!(
                provisioner.span,
                "Provisioner not supported",
                "There is no provisioner \"{}\" here.", provisioner.kind;
                hint: "Only local-exec is supported; prepare machines by their image or user data."
            )
            .into());
        }
        let config = self.evaluator.decode(&provisioner.body, &local_exec(), scope)?;
        let hidden = if config.has_mark(Marks::SENSITIVE) {
            Some("(output suppressed due to sensitive value in config)")
        } else if config.has_mark(Marks::EPHEMERAL) {
            Some("(output suppressed due to ephemeral value in config)")
        } else {
            None
        };
        let config = config.unmarked();
        let text = |name: &str| config.get(name).and_then(Value::as_str).map(str::to_owned);
        let command = text("command").unwrap_or_default();
        let interpreter: Vec<String> = config
            .get("interpreter")
            .and_then(Value::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(|part| part.as_str().map(str::to_owned))
            .collect();
        let (program, arguments) = match interpreter.split_first() {
            Some((program, rest)) => (program.clone(), rest.to_vec()),
            None => ("/bin/sh".to_owned(), vec!["-c".to_owned()]),
        };
        let mut process = tokio::process::Command::new(&program);
        let quoted = std::iter::once(&program).chain(&arguments).chain([&command]);
        let quoted: Vec<String> =
            quoted.map(|part| format!("\"{}\"", skyform_value::escape_string(part))).collect();
        process
            .args(&arguments)
            .arg(&command)
            .current_dir(match text("working_dir") {
                Some(dir) => self.request.world.working_dir.join(dir),
                None => self.request.world.working_dir.to_owned(),
            })
            // Given up with what it belongs to.
            .kill_on_drop(true)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        for (name, value) in
            config.get("environment").and_then(Value::as_table).into_iter().flatten()
        {
            if let Some(value) = value.as_str() {
                process.env(name.as_str(), value);
            }
        }
        let failed = |why: String| {
            Diagnostics::from(error_at!(provisioner.span, "local-exec provisioner error", "{why}"))
        };
        let mut child =
            process.spawn().map_err(|e| failed(format!("{program} could not be started: {e}.")))?;
        let quiet = config.get("quiet").and_then(Value::as_bool).unwrap_or(false);
        let say = |line: String| {
            self.request.events.event(Event::Output {
                address: subject.text.clone(),
                provisioner: provisioner.kind.to_string(),
                line,
            });
        };
        match (hidden, quiet) {
            (Some(instead), _) => say(instead.into()),
            // The name twice, as in Terraform.
            (None, true) => say("local-exec: Executing: Suppressed by quiet=true".into()),
            (None, false) => say(format!("Executing: [{}]", quoted.join(" "))),
        }
        let out = child.stdout.take().map(|out| self.pass_on(subject, provisioner, out, hidden));
        let err = child.stderr.take().map(|err| self.pass_on(subject, provisioner, err, hidden));
        let (out, err) = futures::future::join(
            async {
                match out {
                    Some(out) => out.await,
                    None => Vec::new(),
                }
            },
            async {
                match err {
                    Some(err) => err.await,
                    None => Vec::new(),
                }
            },
        )
        .await;
        let status =
            child.wait().await.map_err(|e| failed(format!("it could not be waited for: {e}.")))?;
        if status.success() {
            return Ok(());
        }
        let shown = if hidden.is_some() { "(sensitive value)".to_owned() } else { command };
        let code = status
            .code()
            .map_or_else(|| "by a signal".to_owned(), |c| format!("with exit code {c}"));
        let output: Vec<String> = out.into_iter().chain(err).collect();
        let output = if hidden.is_some() { String::new() } else { output.join("\n") };
        Err(failed(format!("The command ended {code}: {shown}\nOutput: {output}")))
    }

    /// Passes lines on as they come, or what to say in place of each, and keeps the last ones.
    async fn pass_on(
        &self,
        subject: &Subject<'_>,
        provisioner: &Provisioner,
        from: impl tokio::io::AsyncRead + Unpin,
        hidden: Option<&str>,
    ) -> Vec<String> {
        let mut kept = std::collections::VecDeque::new();
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            self.request.events.event(Event::Output {
                address: subject.text.clone(),
                provisioner: provisioner.kind.to_string(),
                line: hidden.map_or_else(|| line.clone(), ToOwned::to_owned),
            });
            kept.push_back(line);
            if kept.len() > 20 {
                kept.pop_front();
            }
        }
        kept.into()
    }
}

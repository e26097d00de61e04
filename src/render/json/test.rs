//! The messages of a `test -json` stream.
//!
//! Source: Terraform's documentation of its machine-readable UI, test messages.

use serde_json::{Map, Value as Json, json};
use skyform_diag::{Diagnostic, SourceMap};

use super::ui::{diagnostic_message, message};

/// What a test message is about.
#[derive(Clone, Copy, Debug)]
pub struct TestSubject<'a> {
    /// The file.
    pub file: &'a str,
    /// The run in it, if it is about one.
    pub run: Option<&'a str>,
}

/// Where a file or a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestProgress<'a> {
    /// It begins.
    Starting,
    /// What it has made is destroyed.
    Teardown,
    /// It has ended so: `pass`, `fail`, `error` or `skip`.
    Complete(&'a str),
}

/// What there is to be run: the first message behind the version.
pub fn test_abstract(files: &[(&str, Vec<&str>)]) -> Json {
    let runs: usize = files.iter().map(|(_, runs)| runs.len()).sum();
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let text = format!("Found {} and {}", plural(files.len(), "file"), plural(runs, "run block"));
    let list: Map<String, Json> =
        files.iter().map(|(file, runs)| ((*file).to_owned(), json!(runs))).collect();
    message("info", "test_abstract", text, json!({"test_abstract": list}))
}

/// Where a file or a run stands now.
pub fn test_progress(subject: TestSubject<'_>, progress: TestProgress<'_>) -> Json {
    let word = match progress {
        TestProgress::Starting => "in progress",
        TestProgress::Teardown => "tearing down",
        TestProgress::Complete("error") => "fail",
        TestProgress::Complete(status) => status,
    };
    let stage = match progress {
        TestProgress::Starting => "starting",
        TestProgress::Teardown => "teardown",
        TestProgress::Complete(_) => "complete",
    };
    let mut about = json!({"path": subject.file});
    if let Some(run) = subject.run {
        about["run"] = json!(run);
    }
    about["progress"] = json!(stage);
    match (progress, subject.run) {
        (TestProgress::Complete(status), _) => about["status"] = json!(status),
        (_, Some(_)) => about["elapsed"] = json!(0),
        _ => {}
    }
    let (kind, text) = match subject.run {
        Some(run) => ("test_run", format!("  \"{run}\"... {word}")),
        None => ("test_file", format!("{}... {word}", subject.file)),
    };
    told(subject, message("info", kind, text, json!({kind: about})))
}

/// An error or a warning of a run.
pub fn test_diagnostic(
    subject: TestSubject<'_>,
    diagnostic: &Diagnostic,
    sources: &SourceMap,
) -> Json {
    told(subject, diagnostic_message(diagnostic, sources))
}

/// What could not be destroyed.
pub fn test_cleanup(subject: TestSubject<'_>, left: &[String]) -> Json {
    let text = format!(
        "Some objects are left after {}/{}; they have to be removed by hand.",
        subject.file,
        subject.run.unwrap_or_default()
    );
    let left: Vec<Json> = left.iter().map(|address| json!({"instance": address})).collect();
    let rest = json!({"test_cleanup": {"failed_resources": left}});
    told(subject, message("error", "test_cleanup", text, rest))
}

/// The plan of a run, as its document shows it.
pub fn test_plan(subject: TestSubject<'_>, plan: &Json) -> Json {
    let parts = ["output_changes", "resource_changes", "resource_drift", "relevant_attributes"];
    let mut shown = json!({"plan_format_version": plan["format_version"]});
    for part in parts.iter().filter(|part| plan.get(**part).is_some()) {
        shown[*part] = plan[*part].clone();
    }
    let text = "-verbose flag enabled, printing plan";
    told(subject, message("info", "test_plan", text, json!({"test_plan": shown})))
}

/// The state after a run, as its document shows it.
pub fn test_state(subject: TestSubject<'_>, state: &Json) -> Json {
    let mut shown = json!({"state_format_version": state["format_version"]});
    if let Some(values) = state.get("values") {
        for part in ["root_module", "outputs"].iter().filter(|part| values.get(**part).is_some()) {
            shown[*part] = values[*part].clone();
        }
    }
    let text = "-verbose flag enabled, printing state";
    told(subject, message("info", "test_state", text, json!({"test_state": shown})))
}

/// The last message.
pub fn test_summary(
    status: &str,
    passed: usize,
    failed: usize,
    errored: usize,
    skipped: usize,
) -> Json {
    let text = crate::test_summary_text(status == "pass", passed, failed + errored, skipped);
    let summary = json!({
        "status": status, "passed": passed, "failed": failed, "errored": errored, "skipped": skipped,
    });
    message("info", "test_summary", text, json!({"test_summary": summary}))
}

/// With what it is about, where other programs look for it: behind level, text and module.
fn told(subject: TestSubject<'_>, mut message: Json) -> Json {
    if let Some(fields) = message.as_object_mut() {
        fields.shift_insert(3.min(fields.len()), "@testfile".to_owned(), json!(subject.file));
        if let Some(run) = subject.run {
            fields.shift_insert(4.min(fields.len()), "@testrun".to_owned(), json!(run));
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_documented_shape() {
        let file = TestSubject { file: "a.tftest.hcl", run: None };
        let run = TestSubject { run: Some("one"), ..file };
        let table = [
            (
                test_abstract(&[("a.tftest.hcl", vec!["one"])]),
                r#"{"@level":"info","@message":"Found 1 file and 1 run block","@module":"terraform.ui","test_abstract":{"a.tftest.hcl":["one"]},"type":"test_abstract"}"#,
            ),
            (
                test_progress(file, TestProgress::Complete("error")),
                r#"{"@level":"info","@message":"a.tftest.hcl... fail","@module":"terraform.ui","@testfile":"a.tftest.hcl","test_file":{"path":"a.tftest.hcl","progress":"complete","status":"error"},"type":"test_file"}"#,
            ),
            (
                test_progress(run, TestProgress::Starting),
                r#"{"@level":"info","@message":"  \"one\"... in progress","@module":"terraform.ui","@testfile":"a.tftest.hcl","@testrun":"one","test_run":{"path":"a.tftest.hcl","run":"one","progress":"starting","elapsed":0},"type":"test_run"}"#,
            ),
            (
                test_summary("error", 3, 1, 2, 1),
                r#"{"@level":"info","@message":"Failure! 3 passed, 3 failed, 1 skipped.","@module":"terraform.ui","test_summary":{"status":"error","passed":3,"failed":1,"errored":2,"skipped":1},"type":"test_summary"}"#,
            ),
        ];
        for (message, expected) in table {
            assert_eq!(message.to_string(), expected);
        }
    }
}

//! Results of tests as JUnit XML, which CI systems read.

use std::fmt::Write as _;

/// A test file.
#[derive(Clone, Debug, Default)]
pub struct JunitSuite {
    /// Its name.
    pub name: String,
    /// Its runs.
    pub cases: Vec<JunitCase>,
}

/// A run.
#[derive(Clone, Debug)]
pub struct JunitCase {
    /// Its name.
    pub name: String,
    /// How long it took and when it began, in RFC 3339, if it was carried out.
    pub time: Option<(f64, String)>,
    /// How it came out.
    pub outcome: JunitOutcome,
    /// Warnings, as text.
    pub warnings: String,
}

/// How a run came out: a message, and more text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JunitOutcome {
    /// Everything holds.
    Pass,
    /// An assertion does not hold.
    Failure(String, String),
    /// It could not be carried out.
    Error(String, String),
    /// It was not carried out.
    Skipped(String, String),
}

/// The document. Source: the JUnit XML format as the Jenkins plugin documents it.
pub fn junit_xml(suites: &[JunitSuite]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in suites {
        let count = |is_it: fn(&JunitOutcome) -> bool| {
            suite.cases.iter().filter(|case| is_it(&case.outcome)).count()
        };
        let name = attribute(&suite.name);
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{name}\" tests=\"{}\" skipped=\"{}\" failures=\"{}\" errors=\"{}\">",
            suite.cases.len(),
            count(|outcome| matches!(outcome, JunitOutcome::Skipped(..))),
            count(|outcome| matches!(outcome, JunitOutcome::Failure(..))),
            count(|outcome| matches!(outcome, JunitOutcome::Error(..))),
        );
        for case in &suite.cases {
            let time = case.time.as_ref().map(|(seconds, began)| {
                format!(" time=\"{seconds}\" timestamp=\"{}\"", attribute(began))
            });
            let _ = write!(
                xml,
                "    <testcase name=\"{}\" classname=\"{name}\"{}>",
                attribute(&case.name),
                time.unwrap_or_default()
            );
            let body = body(case);
            let end = if body.is_empty() { "" } else { "\n    " };
            let _ = writeln!(xml, "{body}{end}</testcase>");
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn body(case: &JunitCase) -> String {
    let mut body = match &case.outcome {
        JunitOutcome::Pass => String::new(),
        JunitOutcome::Failure(message, text) => element("failure", message, text),
        JunitOutcome::Error(message, text) => element("error", message, text),
        JunitOutcome::Skipped(message, text) => element("skipped", message, text),
    };
    if !case.warnings.is_empty() {
        let _ = write!(body, "\n      <system-err>{}</system-err>", cdata(&case.warnings));
    }
    body
}

fn element(kind: &str, message: &str, text: &str) -> String {
    format!("\n      <{kind} message=\"{}\">{}</{kind}>", attribute(message), cdata(text))
}

fn attribute(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    plain(&escaped.replace('"', "&quot;").replace('\n', "&#10;"))
}

fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", plain(text).replace("]]>", "]]]]><![CDATA[>"))
}

/// Without the characters that XML cannot have.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_counted_and_escaped() {
        let case = |name: &str, outcome: JunitOutcome| JunitCase {
            name: name.to_owned(),
            time: Some((0.5, "2026-01-02T03:04:05Z".to_owned())),
            outcome,
            warnings: String::new(),
        };
        let suite = JunitSuite {
            name: "a<b>.tftest.hcl".to_owned(),
            cases: vec![
                case("good", JunitOutcome::Pass),
                case(
                    "bad",
                    JunitOutcome::Failure("say \"no\"".to_owned(), "x]]>y\u{1b}".to_owned()),
                ),
                JunitCase {
                    time: None,
                    warnings: "careful".to_owned(),
                    ..case("left", JunitOutcome::Skipped("m".to_owned(), "t".to_owned()))
                },
            ],
        };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites>
  <testsuite name=\"a&lt;b&gt;.tftest.hcl\" tests=\"3\" skipped=\"1\" failures=\"1\" errors=\"0\">
    <testcase name=\"good\" classname=\"a&lt;b&gt;.tftest.hcl\" time=\"0.5\" timestamp=\"2026-01-02T03:04:05Z\"></testcase>
    <testcase name=\"bad\" classname=\"a&lt;b&gt;.tftest.hcl\" time=\"0.5\" timestamp=\"2026-01-02T03:04:05Z\">
      <failure message=\"say &quot;no&quot;\"><![CDATA[x]]]]><![CDATA[>y]]></failure>
    </testcase>
    <testcase name=\"left\" classname=\"a&lt;b&gt;.tftest.hcl\">
      <skipped message=\"m\"><![CDATA[t]]></skipped>
      <system-err><![CDATA[careful]]></system-err>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(junit_xml(&[suite]), expected);
    }
}

//! Test files read from memory.

use std::io;
use std::path::{Path, PathBuf};

use skyform_diag::SourceMap;

use super::*;
use crate::Files;

/// Files by name.
struct Given<'a>(&'a [(&'a str, &'a str)]);

impl Files for Given<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(String, bool)>> {
        let inside =
            self.0.iter().filter_map(|(name, _)| Path::new(name).strip_prefix(folder).ok());
        let names: Vec<_> = inside.map(|name| (name.display().to_string(), false)).collect();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.read(path).is_ok()
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn working_dir(&self) -> PathBuf {
        PathBuf::from(".")
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }
}

fn read(files: &[(&str, &str)]) -> (TestFile, Vec<String>) {
    let mut sources = SourceMap::default();
    let (file, problems) = load_test_file(&Given(files), Path::new(files[0].0), &mut sources);
    (file, problems.iter().map(|problem| problem.summary.to_string()).collect())
}

const NATIVE: &str = r#"
variables {
  a = 1
}
provider "x" {
  alias = "real"
}
mock_provider "x" {
  source          = "mocks"
  override_during = plan
  mock_resource "x_thing" {
    defaults = { id = "own" }
  }
}
override_data {
  target = module.m[0].data.x_thing.a
}
run "one" {
  command         = plan
  state_key       = "s"
  expect_failures = [var.a, output.b]
  providers       = { x = x.real }
  plan_options {
    mode    = refresh-only
    target  = [x_thing.a[1]]
    replace = [x_thing.a]
  }
  module {
    source  = "a/b/c"
    version = "~> 1.0"
  }
  variables {
    b = var.a
  }
  assert {
    condition     = output.b == 1
    error_message = "no"
  }
}
run "two" {}
"#;

const JSON: &str = r#"{
  "//": "a comment",
  "variables": {"a": 1},
  "override_data": {"target": "module.m[0].data.x_thing.a"},
  "run": {
    "one": {
      "command": "plan",
      "expect_failures": ["var.a"],
      "plan_options": {"mode": "refresh-only", "replace": ["x_thing.a"]},
      "assert": [{"condition": "${output.b == 1}", "error_message": "no"}]
    },
    "two": {}
  }
}"#;

#[test]
fn all_blocks_are_read() {
    let mocks = "mock_resource \"x_thing\" {\n  defaults = { id = \"file\" }\n}\nmock_data \"x_thing\" {}\n";
    let (file, problems) = read(&[
        ("tests/a.tftest.hcl", NATIVE),
        ("mocks/x.tfmock.hcl", mocks),
        ("mocks/no.txt", ""),
    ]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((file.name.as_str(), file.variables.len()), ("tests/a.tftest.hcl", 1));
    assert_eq!(file.providers[0].alias.as_deref(), Some("real"));
    let mock = &file.mocks[0];
    assert_eq!((mock.during, mock.data.len(), mock.resources.len()), (During::Plan, 1, 1));
    assert_eq!(file.overrides[0].kind, OverrideKind::Data);
    let [one, two] = &file.runs[..] else { panic!("two runs") };
    assert_eq!((one.command, two.command), (RunCommand::Plan, RunCommand::Apply));
    assert!(one.options.refresh_only && !two.options.refresh_only);
    assert_eq!((one.options.targets.len(), one.options.replace.len()), (1, 1));
    assert_eq!(one.module.as_ref().and_then(|module| module.version.as_deref()), Some("~> 1.0"));
    assert_eq!((one.asserts.len(), one.expect_failures.len(), one.providers.len()), (1, 2, 1));
    assert_eq!(one.state_key.as_deref(), Some("s"));
}

#[test]
fn json_says_the_same() {
    let (file, problems) = read(&[("a.tftest.json", JSON)]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((file.runs.len(), file.variables.len(), file.overrides.len()), (2, 1, 1));
    let one = &file.runs[0];
    assert!(one.options.refresh_only && one.command == RunCommand::Plan);
    assert_eq!(one.options.replace.len(), 1);
    assert!(one.expect_failures[0].as_reference().is_some());
    assert_eq!(one.asserts[0].condition.references().len(), 1);
}

#[test]
fn mistakes_are_found_all_at_once() {
    let table = [
        ("run \"a\" {}\nrun \"a\" {}\n", "Duplicate \"run\" block names"),
        ("run \"a b\" {}\n", "Invalid name"),
        ("run \"a\" {\n  command = other\n}\n", "Invalid \"command\" keyword"),
        ("run \"a\" {\n  command = \"plan\"\n}\n", "Invalid \"command\" keyword"),
        ("run \"a\" {\n  parallel = true\n}\n", "Unsupported argument"),
        ("foo \"x\" {}\n", "Unsupported block type"),
        ("x = 1\n", "Unsupported argument"),
        ("variables {}\nvariables {}\n", "Multiple \"variables\" blocks"),
        (
            "run \"a\" {\n  plan_options {\n    mode = refresh-only\n    refresh = false\n  }\n}\n",
            "Incompatible plan options",
        ),
        (
            "run \"a\" {\n  assert {\n    condition = true\n    error_message = \"x\"\n  }\n}\n",
            "Invalid assert expression",
        ),
        ("override_module {\n  target = a.b\n}\n", "Invalid override target"),
        (
            "override_module {\n  target = module.a[0]\n}\noverride_module {\n  target = module.a[0]\n}\n",
            "Duplicate override block",
        ),
        (
            "mock_provider \"x\" {\n  override_module {\n    target = module.a\n  }\n}\n",
            "Unsupported block type",
        ),
        ("mock_provider \"x\" {\n  source = \"nowhere\"\n}\n", "Mock data could not be read"),
        ("mock_provider \"x\" {}\nprovider \"x\" {}\n", "Duplicate provider block"),
        ("run \"a\" {\n  expect_failures = var.a\n}\n", "Invalid expression"),
    ];
    for (text, expected) in table {
        let (_, problems) = read(&[("a.tftest.hcl", text)]);
        assert_eq!(problems, [expected], "{text}");
    }
    let (_, problems) = read(&[("a.tftest.hcl", "foo {}\nrun \"a\" {\n  zoo = 1\n}\n")]);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

//! Secrets from each place, and what is said where there is none.

use super::*;

fn config(name: &str, given: Value) -> Value {
    let command = Value::null_of(Type::list(Type::String));
    let none = || Value::null_of(Type::String);
    let empty =
        Value::object([("env", none()), ("file", none()), ("command", command), ("value", none())]);
    with(&empty, [(name, given)])
}

fn opened(config: &Value) -> Result<String, Problem> {
    let environment = |name: &str| (name == "KEY").then(|| "from env\n".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let found = runtime.expect("a runtime").block_on(open(config, &environment));
    found.map(|opened| text(&opened.value, "value"))
}

fn words(words: &[&str]) -> Value {
    Value::list(Type::String, words.iter().map(|word| Value::from(*word)).collect())
}

#[test]
fn secrets_come_from_the_environment_files_and_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, "from file\r\n").expect("written");
    let file = Value::from(file.display().to_string());
    let table = [
        (config("env", Value::from("KEY")), "from env\n"),
        (config("file", file), "from file"),
        (config("command", words(&["printf", "%s\n\n", "from command"])), "from command\n"),
    ];
    for (config, expected) in table {
        assert!(validate(&config).is_empty());
        assert_eq!(opened(&config).expect("it is there"), expected);
    }
}

#[test]
fn what_is_not_there_is_said_without_any_output() {
    let shell = words(&["sh", "-c", "echo secret; echo why >&2; exit 3"]);
    let table = [
        (config("env", Value::from("NONE")), "The environment variable NONE is not set."),
        (config("file", Value::from("/none/at/all")), "No such file"),
        (config("command", shell), "sh ended with exit status: 3.\nwhy"),
        (config("command", words(&[])), "The command is empty."),
        (config("command", words(&["no-such-program-here"])), "could not be started"),
    ];
    for (config, expected) in table {
        let problem = opened(&config).expect_err("there is none");
        assert!(problem.detail.contains(expected), "{}", problem.detail);
        assert!(!problem.detail.contains("secret"), "{}", problem.detail);
    }
}

#[test]
fn a_secret_comes_from_exactly_one_place() {
    let none = config("env", Value::null_of(Type::String));
    assert_eq!(validate(&none).len(), 1);
    let two = with(&config("env", Value::from("KEY")), [("file", Value::from("f"))]);
    let problems = validate(&two);
    assert!(problems[0].detail.contains("\"env\" excludes \"file\""), "{}", problems[0].detail);
}

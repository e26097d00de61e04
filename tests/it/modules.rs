//! Modules from repositories: fetched once, used offline, fetched again where asked.

use std::process::Command;

use crate::stack::{Stack, said};

fn git(stack: &Stack, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-C", "repository"];
    let run = Command::new("git").args(identity).args(arguments).current_dir(stack.path()).output();
    let run = run.expect("git is there");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn modules_of_a_repository_are_fetched_by_init() {
    let stack = Stack::new(&[
        (
            "repository/sub/main.tf",
            "variable \"n\" {}\nmodule \"inner\" {\n  source = \"../inner\"\n  n = var.n\n}\noutput \"n\" { value = module.inner.n }\n",
        ),
        ("repository/inner/main.tf", "variable \"n\" {}\noutput \"n\" { value = var.n + 1 }\n"),
    ]);
    git(&stack, &["init", "--quiet"]);
    git(&stack, &["add", "."]);
    git(&stack, &["commit", "--quiet", "-m", "one"]);
    let url = format!("git::file://{}", stack.path().join("repository").display());
    stack.write(
        "main.tf",
        &format!("module \"m\" {{\n  source = \"{url}//sub\"\n  n = 1\n}}\noutput \"n\" {{ value = module.m.n }}\n"),
    );
    let said = stack.bad(&["plan"]);
    assert!(said.contains("Module not installed") && said.contains("skyform init"), "{said}");
    assert!(said.contains("main.tf:2:12"), "{said}");
    stack.good(&["init"]);
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.good(&["output", "-raw", "n"]), "2");
    let manifest: serde_json::Value =
        serde_json::from_str(&stack.read(".terraform/modules/modules.json")).expect("JSON");
    let keys: Vec<&str> = manifest["Modules"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|module| module["Key"].as_str().expect("text"))
        .collect();
    assert_eq!(keys, ["", "m", "m.inner"]);
    // Nothing is asked for again, until it is wanted.
    std::fs::rename(stack.path().join("repository"), stack.path().join("gone")).expect("moved");
    stack.good(&["init"]);
    stack.good(&["validate"]);
    let said = stack.bad(&["init", "-upgrade"]);
    assert!(
        said.contains("Module could not be fetched") && said.contains("main.tf:2:12"),
        "{said}"
    );
}

#[test]
fn sources_that_lead_nowhere_are_named() {
    let stack = Stack::new(&[(
        "main.tf",
        "module \"a\" {\n  source = \"nonsense\"\n}\nmodule \"b\" {\n  source = \"git::file:///nowhere/at/all\"\n}\nmodule \"c\" {\n  source = \"git::file:///x\"\n  version = \"1.0\"\n}\n",
    )]);
    let said = stack.bad(&["init"]);
    for part in [
        "main.tf:2",
        "no module source",
        "main.tf:5",
        "git clone failed",
        "main.tf:8",
        "a registry has",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

/// Puts the module that `source` names into a bucket with `skyform copy`, and runs a stack with it.
fn module_from_a_store(server: &str, url: &str, source: &str) {
    let stack = Stack::new(&[("module/main.tf", "output \"n\" { value = 7 }\n")]);
    let with_credentials = |arguments: &[&str]| {
        let mut command = stack.command(arguments);
        command
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("XDG_STATE_HOME", stack.path().join("records"));
        said(&command.output().expect("the program runs"))
    };
    let endpoint = format!("-destination-endpoint={server}");
    let copied = with_credentials(&["copy", "module", url, &endpoint]);
    assert_eq!(copied.code, 0, "{}", copied.stderr);
    stack.write(
        "main.tf",
        &format!(
            "module \"m\" {{\n  source = \"{source}\"\n}}\noutput \"n\" {{ value = module.m.n }}\n"
        ),
    );
    let fetched = with_credentials(&["init", "-no-color"]);
    assert_eq!(fetched.code, 0, "{}", fetched.stderr);
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.good(&["output", "-raw", "n"]), "7");
    stack.write("main.tf", &format!("module \"m\" {{\n  source = \"{source}-none\"\n}}\n"));
    let missing = with_credentials(&["init", "-no-color"]);
    let shown = &missing.stderr;
    assert!(missing.code == 1 && shown.contains("there is no object below it"), "{shown}");
    assert!(shown.contains("main.tf:2:12"), "{shown}");
}

#[test]
fn modules_come_from_s3() {
    let Some(server) = skyform_emulators::moto() else { return };
    ureq::put(format!("{}/shared", server.url())).send_empty().expect("a bucket");
    let source = format!("s3::{}/shared/modules/m", server.url());
    module_from_a_store(server.url(), "s3://shared/modules/m/", &source);
}

#[test]
fn modules_come_from_gcs() {
    let Some(server) = skyform_emulators::fake_gcs() else { return };
    ureq::post(format!("{}/storage/v1/b?project=p", server.url()))
        .content_type("application/json")
        .send("{\"name\":\"data\"}")
        .expect("a bucket");
    let source = format!("gcs::{}/storage/v1/data/modules/m", server.url());
    module_from_a_store(server.url(), "gs://data/modules/m/", &source);
}

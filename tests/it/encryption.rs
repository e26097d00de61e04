//! States, journals and plans that are encrypted where they lie.

use std::path::Path;
use std::process::Stdio;

use crate::stack::{Said, Stack, said};

const SECRET: &str = "the-secret-that-must-not-lie-anywhere";

fn stack_of(encryption: &str) -> Stack {
    Stack::new(&[("main.tf", &text(encryption))])
}

fn text(encryption: &str) -> String {
    format!(
        r#"
terraform {{
  encryption {{
{encryption}
  }}
}}
variable "passphrase" {{
  default = "correct horse battery staple"
}}
variable "secret" {{}}
resource "terraform_data" "a" {{
  input = var.secret
  provisioner "local-exec" {{
    command = "test ! -e gate || {{ touch started; sleep 60; }}"
  }}
}}
output "secret" {{
  value     = terraform_data.a.output
  sensitive = true
}}
"#
    )
}

const PBKDF2: &str = r#"
    key_provider "pbkdf2" "mine" {
      passphrase = var.passphrase
      iterations = 200000
    }
    method "aes_gcm" "mine" {
      keys = key_provider.pbkdf2.mine
    }
    state {
      method   = method.aes_gcm.mine
      enforced = true
    }
    plan {
      method   = method.aes_gcm.mine
      enforced = true
    }
"#;

fn run(stack: &Stack, arguments: &str) -> Said {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let mut command = stack.command(&arguments);
    command.env("TF_VAR_secret", SECRET).stdin(Stdio::null());
    said(&command.output().expect("the program runs"))
}

fn ends(stack: &Stack, arguments: &str, code: i32) -> Said {
    let said = run(stack, arguments);
    assert_eq!(said.code, code, "{arguments}: {}{}", said.stdout, said.stderr);
    said
}

/// Files below a folder that have the secret in them.
fn files_with_secret(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with_secret(&path));
            continue;
        }
        let bytes = std::fs::read(&path).expect("readable");
        if bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn no_file_has_a_secret_in_it() {
    let stack = stack_of(PBKDF2);
    ends(&stack, "plan -out=p.plan", 0);
    ends(&stack, "apply p.plan", 0);
    ends(&stack, "plan -detailed-exitcode", 0);
    assert_eq!(ends(&stack, "output -raw secret", 0).stdout, SECRET);
    assert!(ends(&stack, "state pull", 0).stdout.contains(SECRET));
    ends(&stack, "taint terraform_data.a", 0);
    // Killed while the journal stands, with a backup beside it.
    stack.write("gate", "");
    let mut command = stack.command(&["apply", "-auto-approve"]);
    let mut child = command
        .env("TF_VAR_secret", SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    while !stack.path().join("started").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("it ends");
    for name in
        ["p.plan", "terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.journal"]
    {
        assert!(stack.path().join(name).exists(), "{name}");
    }
    assert_eq!(files_with_secret(stack.path()), Vec::<String>::new());
    // And all of it is known to the next run.
    std::fs::remove_file(stack.path().join("gate")).expect("it is there");
    let next = ends(&stack, "apply -auto-approve", 0);
    assert!(next.stdout.contains("1 added, 0 changed, 1 destroyed"), "{}", next.stdout);
    assert_eq!(ends(&stack, "output -raw secret", 0).stdout, SECRET);
}

#[test]
fn a_wrong_passphrase_changes_nothing() {
    let stack = stack_of(PBKDF2);
    ends(&stack, "apply -auto-approve", 0);
    ends(&stack, "plan -out=p.plan", 0);
    let before = stack.read("terraform.tfstate");
    for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "state list", "output"]
    {
        let options = match command {
            "state list" | "output" => String::new(),
            _ => " -var passphrase=another-one-that-is-long".to_owned(),
        };
        let arguments = format!("{command}{options}");
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut given = stack.command(&arguments);
        given.env("TF_VAR_secret", SECRET).stdin(Stdio::null());
        given.env("TF_VAR_passphrase", "another-one-that-is-long");
        let refused = said(&given.output().expect("the program runs"));
        assert_eq!(refused.code, 1, "{command}: {}", refused.stdout);
        assert!(refused.stderr.contains("Encrypted data cannot be used"), "{}", refused.stderr);
        assert!(refused.stderr.contains("the key is not the one"), "{}", refused.stderr);
    }
    assert_eq!(stack.read("terraform.tfstate"), before);
    // Without the block, too, it is known for what it is.
    stack.write("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    assert!(ends(&stack, "plan", 1).stderr.contains("it is encrypted"));
    assert!(ends(&stack, "show p.plan", 1).stderr.contains("p.plan"));
}

#[test]
fn a_plain_state_is_taken_over_and_keys_are_changed() {
    let stack = stack_of("    # nothing yet\n");
    ends(&stack, "apply -auto-approve", 0);
    assert!(stack.read("terraform.tfstate").contains(SECRET));
    // Not without leave.
    stack.write("main.tf", &text(PBKDF2));
    assert!(ends(&stack, "plan", 1).stderr.contains("it is not encrypted"));
    let unencrypted = "    method \"unencrypted\" \"old\" {}\n";
    let fallback =
        "enforced = true\n      fallback {\n        method = method.unencrypted.old\n      }";
    let lenient = format!("{unencrypted}{}", PBKDF2.replacen("enforced = true", fallback, 1));
    stack.write("main.tf", &text(&lenient));
    ends(&stack, "plan -detailed-exitcode", 0);
    ends(&stack, "taint terraform_data.a", 0);
    assert!(!stack.read("terraform.tfstate").contains(SECRET));
    assert!(!stack.read("terraform.tfstate.backup").contains(SECRET));
    stack.write("main.tf", &text(PBKDF2));
    ends(&stack, "apply -auto-approve", 0);
    // A new key, by way of a fallback to the old one.
    let new = r#"
    key_provider "argon2" "new" {
      passphrase = "a new passphrase, long enough"
      memory_kib = 19456
      iterations = 1
    }
    method "aes_gcm" "new" {
      keys = key_provider.argon2.new
    }
"#;
    let both = format!(
        "{new}{}",
        PBKDF2.replace("= method.aes_gcm.mine", "= method.aes_gcm.new").replacen(
            "enforced = true",
            "enforced = true\n      fallback {\n        method = method.aes_gcm.mine\n      }",
            1
        )
    );
    stack.write("main.tf", &text(&both));
    ends(&stack, "plan -detailed-exitcode", 0);
    ends(&stack, "taint terraform_data.a", 0);
    assert!(stack.read("terraform.tfstate").contains("key_provider.argon2.new"));
    let only = r#"
    state {
      method = method.aes_gcm.new
    }
"#;
    stack.write("main.tf", &text(&format!("{new}{only}")));
    ends(&stack, "plan -detailed-exitcode", 2);
}

#[test]
fn keys_come_from_commands_and_the_block_from_the_environment() {
    let stack = stack_of("");
    let block = r#"
key_provider "command" "c" {
  command = ["sh", "-c", "printf 0123456789abcdef0123456789abcdef | base64"]
}
method "aes_gcm" "c" {
  keys = key_provider.command.c
}
state {
  method = method.aes_gcm.c
}
"#;
    let with = |arguments: &[&str]| {
        let mut command = stack.command(arguments);
        command.env("TF_VAR_secret", SECRET).env("SKYFORM_ENCRYPTION", block);
        said(&command.output().expect("the program runs"))
    };
    let applied = with(&["apply", "-auto-approve"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert_eq!(files_with_secret(stack.path()), Vec::<String>::new());
    assert_eq!(with(&["output", "-raw", "secret"]).stdout, SECRET);
    assert!(ends(&stack, "state list", 1).stderr.contains("it is encrypted"));
}

#[test]
fn keys_come_from_aws_kms() {
    let Some(server) = skyform_emulators::moto() else { return };
    let url = server.url();
    let made = ureq::post(url)
        .header("X-Amz-Target", "TrentService.CreateKey")
        .header("Authorization", "AWS4-HMAC-SHA256 Credential=x/20300101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=x")
        .content_type("application/x-amz-json-1.1")
        .send("{}");
    let made = made.expect("a key").into_body().read_to_string().expect("text");
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    let id = made["KeyMetadata"]["KeyId"].as_str().expect("an id");
    let stack = stack_of(&format!(
        r#"
    key_provider "aws_kms" "k" {{
      kms_key_id = "{id}"
      region     = "us-east-1"
      endpoint   = "{url}"
    }}
    method "aes_gcm" "k" {{
      keys = key_provider.aws_kms.k
    }}
    state {{
      method   = method.aes_gcm.k
      enforced = true
    }}
"#
    ));
    let with = |arguments: &[&str]| {
        let mut command = stack.command(arguments);
        command.env("TF_VAR_secret", SECRET);
        command.env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "x");
        said(&command.output().expect("the program runs"))
    };
    let applied = with(&["apply", "-auto-approve"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert_eq!(files_with_secret(stack.path()), Vec::<String>::new());
    assert_eq!(with(&["output", "-raw", "secret"]).stdout, SECRET);
}

#[test]
fn mistakes_are_shown_at_their_lines() {
    let stack = stack_of(
        r#"
    key_provider "pbkdf3" "a" {}
    key_provider "pbkdf2" "b" {
      passphrase = "short"
      iteration  = 5
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.none
    }
    method "unencrypted" "u" {}
    state {
      method   = method.unencrypted.u
      enforced = true
    }
"#,
    );
    let said = ends(&stack, "plan", 1).stderr;
    for expected in [
        "main.tf:5:",
        "Did you mean \"pbkdf2\"?",
        "main.tf:6:",
        "at least 16 characters",
        "main.tf:8:",
        "\"iteration\"",
        "Encryption is enforced",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

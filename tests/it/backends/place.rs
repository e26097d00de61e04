//! Places that keep states, and stacks that keep theirs there.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use skyform_emulators::{AZURITE_ACCOUNT, AZURITE_KEY, Line, Server};

use super::http_server::HttpServer;
use crate::stack::{Said, Stack, said};

/// A server, and how a configuration names it.
pub(super) struct Place {
    pub(super) kind: &'static str,
    /// Arguments of the block but those that name the state.
    arguments: String,
    /// Arguments that name the state `NAME`.
    naming: &'static str,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) has_workspaces: bool,
    pub(super) http: Option<HttpServer>,
    /// All goes over this, where that was asked for.
    pub(super) line: Option<Line>,
    server: Option<Server>,
}

/// All places that can be had here.
pub(super) fn all() -> Vec<Place> {
    [s3(), pg(), Some(http()), gcs(), azurerm()].into_iter().flatten().collect()
}

pub(super) fn s3() -> Option<Place> {
    let server = skyform_emulators::moto()?;
    let url = server.url().to_owned();
    ureq::put(&format!("{url}/states")).send_empty().expect("a bucket");
    let arguments =
        "bucket = \"states\"\nregion = \"us-east-1\"\nuse_lockfile = true\nuse_path_style = true\n";
    let environment = vec![
        ("AWS_ACCESS_KEY_ID", "x".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "x".to_owned()),
        ("AWS_ENDPOINT_URL", url.clone()),
        ("AWS_ENDPOINT_URL_S3", url.clone()),
        ("AWS_ENDPOINT_URL_STS", url),
    ];
    Some(Place {
        kind: "s3",
        arguments: arguments.to_owned(),
        naming: "key = \"NAME.tfstate\"",
        environment,
        has_workspaces: true,
        http: None,
        line: None,
        server: Some(server),
    })
}

pub(super) fn pg() -> Option<Place> {
    let server = skyform_emulators::postgresql()?;
    let url = server.url().to_owned();
    Some(Place {
        kind: "pg",
        arguments: format!("conn_str = \"{url}\"\n"),
        naming: "schema_name = \"NAME\"",
        environment: Vec::new(),
        has_workspaces: true,
        http: None,
        line: None,
        server: Some(server),
    })
}

fn gcs() -> Option<Place> {
    let server = skyform_emulators::fake_gcs()?;
    let url = server.url().to_owned();
    let made = ureq::post(&format!("{url}/storage/v1/b?project=p"))
        .content_type("application/json")
        .send("{\"name\": \"states\"}");
    made.expect("a bucket");
    Some(Place {
        kind: "gcs",
        arguments: "bucket = \"states\"\n".to_owned(),
        naming: "prefix = \"NAME\"",
        environment: vec![("STORAGE_EMULATOR_HOST", url)],
        has_workspaces: true,
        http: None,
        line: None,
        server: Some(server),
    })
}

fn azurerm() -> Option<Place> {
    let server = skyform_emulators::azurite()?;
    let url = server.url().to_owned();
    crate::azurite::make_container(&server, "states");
    Some(Place {
        kind: "azurerm",
        arguments: format!(
            "storage_account_name = \"{AZURITE_ACCOUNT}\"\ncontainer_name = \"states\"\n"
        ),
        naming: "key = \"NAME.tfstate\"",
        environment: vec![
            ("AZURE_STORAGE_BLOB_ENDPOINT", url),
            ("ARM_ACCESS_KEY", AZURITE_KEY.to_owned()),
        ],
        has_workspaces: true,
        http: None,
        line: None,
        server: Some(server),
    })
}

pub(super) fn http() -> Place {
    let server = HttpServer::start();
    let url = server.url();
    Place {
        kind: "http",
        arguments: "retry_max = 1\nretry_wait_min = 0\nretry_wait_max = 1\n".to_owned(),
        naming: Box::leak(
            format!(
                "address = \"{url}/NAME\"\nlock_address = \"{url}/NAME\"\nunlock_address = \"{url}/NAME\""
            )
            .into_boxed_str(),
        ),
        environment: Vec::new(),
        has_workspaces: false,
        http: Some(server),
        line: None,
        server: None,
    }
}

impl Place {
    /// The same place, reached over a line that can be cut; as it is if it has no server of its own.
    pub(super) fn over_a_line(mut self) -> Self {
        let Some(server) = &self.server else { return self };
        let line = Line::to(server);
        let moved = |text: &str| text.replace(server.address(), line.address());
        self.arguments = moved(&self.arguments);
        for (_, value) in &mut self.environment {
            *value = moved(value);
        }
        self.line = Some(line);
        self
    }

    /// The arguments for a state.
    pub(super) fn arguments(&self, state: &str) -> String {
        format!("{}{}\n", self.arguments, self.naming.replace("NAME", state))
    }

    /// A stack of this text whose state has this name here.
    pub(super) fn stack(&self, state: &str, text: &str) -> Kept<'_> {
        let kind = self.kind;
        let arguments = self.arguments(state);
        let backend = format!("terraform {{\n  backend \"{kind}\" {{\n{arguments}}}\n}}\n");
        let stack = Stack::new(&[("main.tf", text), ("backend.tf", &backend)]);
        let kept = Kept { place: self, stack };
        kept.good("init");
        kept
    }
}

/// A stack whose state is kept elsewhere.
pub(super) struct Kept<'a> {
    pub(super) place: &'a Place,
    pub(super) stack: Stack,
}

impl Kept<'_> {
    pub(super) fn command(&self, arguments: &str) -> Command {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        self.with_environment(self.stack.command(&arguments))
    }

    fn with_environment(&self, mut command: Command) -> Command {
        command.envs(self.place.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(super) fn run(&self, arguments: &str) -> Said {
        said(&self.command(arguments).stdin(Stdio::null()).output().expect("the program runs"))
    }

    pub(super) fn ends(&self, arguments: &str, code: i32) -> Said {
        let said = self.run(arguments);
        let kind = self.place.kind;
        assert_eq!(said.code, code, "{kind}: {arguments}: {}{}", said.stdout, said.stderr);
        said
    }

    pub(super) fn good(&self, arguments: &str) -> String {
        self.ends(arguments, 0).stdout
    }

    pub(super) fn bad(&self, arguments: &str) -> String {
        self.ends(arguments, 1).stderr
    }

    /// The same with Terraform.
    pub(super) fn terraform(&self, arguments: &str) -> Said {
        let mut command = Command::new("terraform");
        command.args(arguments.split(' ')).current_dir(self.stack.path()).env("NO_COLOR", "1");
        command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        let mut command = self.with_environment(command);
        said(&command.stdin(Stdio::null()).output().expect("the program runs"))
    }

    pub(super) fn terraform_ends(&self, arguments: &str, code: i32) -> Said {
        let said = self.terraform(arguments);
        let kind = self.place.kind;
        assert_eq!(said.code, code, "{kind}: {arguments}: {}{}", said.stdout, said.stderr);
        said
    }

    /// Begins an apply of [`GATED`], and returns once its second resource is being made.
    pub(super) fn begin_apply(&self) -> Child {
        let mut command = self.command("apply -auto-approve");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = child.spawn().expect("the program runs");
        await_file(&self.stack.path().join("started"));
        child
    }

    /// Lets what [`Kept::begin_apply`] began come to its end.
    pub(super) fn open_gate(&self) {
        self.stack.write("go", "");
    }
}

/// Two resources; the second is not done before there is a file `go`.
pub(super) const GATED: &str = r#"
resource "terraform_data" "first" {
  input = "one"
}
resource "terraform_data" "gated" {
  input = terraform_data.first.output
  provisioner "local-exec" {
    command = "touch started; n=0; until [ -e go ] || [ $n -gt 600 ]; do sleep 0.05; n=$((n+1)); done"
  }
}
output "name" {
  value = terraform_data.gated.output
}
"#;

fn await_file(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} does not come about", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

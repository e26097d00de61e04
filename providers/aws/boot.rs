//! What a machine of an endpoint runs when it starts: it fetches the model with its own role, and serves it.
//!
//! There is no secret in it and nothing that expires. A signed URL would be both: everyone who may look
//! at a machine could read it, and a machine that starts again later could not use it.

use skyform_provider_sdk::{EndpointSpec, ServedModel};

/// Where machines listen.
pub(crate) const PORT: u16 = 8080;
/// Begins and ends the script within the user data.
const MARK: &str = "SKYFORM";

/// Where a machine finds the bucket.
pub(crate) struct Place<'a> {
    pub(crate) region: &'a str,
    /// Another server's URL.
    pub(crate) endpoint: Option<&'a str>,
}

/// The user data. `instance` is shown by the server, to be known by.
pub(crate) fn user_data(spec: &EndpointSpec, instance: &str, place: &Place<'_>) -> String {
    let script = script(&spec.model, instance, place);
    format!(
        "#!/bin/sh\n\
         # Made by Skyform.\n\
         set -eu\n\
         mkdir -p /var/lib/skyform\n\
         cat >/var/lib/skyform/serve <<'{MARK}'\n{script}{MARK}\n\
         chmod 755 /var/lib/skyform/serve\n\
         if [ ! -d /run/systemd/system ]; then\n\
         \x20 nohup /var/lib/skyform/serve >/var/log/skyform-serve.log 2>&1 &\n\
         \x20 exit 0\n\
         fi\n\
         cat >/etc/systemd/system/skyform-serve.service <<'UNIT'\n\
         [Unit]\n\
         Description=Skyform inference server\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         StartLimitIntervalSec=0\n\
         [Service]\n\
         ExecStart=/var/lib/skyform/serve\n\
         Restart=always\n\
         RestartSec=5\n\
         [Install]\n\
         WantedBy=multi-user.target\n\
         UNIT\n\
         systemctl daemon-reload\n\
         systemctl enable --now skyform-serve.service\n"
    )
}

fn script(model: &ServedModel, instance: &str, place: &Place<'_>) -> String {
    let ServedModel { name, version, bucket, key, sha256 } = model;
    let endpoint = place.endpoint.map(|url| format!(" -source-endpoint={}", quoted(url)));
    format!(
        "#!/bin/sh\n\
         set -eu\n\
         cd \"$(dirname \"$0\")\"\n\
         export HOME=\"$PWD\" AWS_REGION={region}\n\
         export SKYFORM_LISTEN=\"${{SKYFORM_LISTEN:-0.0.0.0:{PORT}}}\"\n\
         model={file}\n\
         until [ -e \"$model\" ]; do\n\
         \x20 skyform copy{endpoint} {url} \"$model\" || sleep 5\n\
         done\n\
         exec skyform serve -model=\"$model\" -model-sha256={sha256} -name={name} \
         -model-version={version} -replicas=\"$(nproc)\" -instance={instance}\n",
        region = quoted(place.region),
        file = quoted(&format!("{sha256}.onnx")),
        endpoint = endpoint.unwrap_or_default(),
        url = quoted(&format!("s3://{bucket}/{key}")),
        sha256 = quoted(sha256),
        name = quoted(name),
        version = quoted(version),
        instance = quoted(instance),
    )
}

/// A text that the shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn spec() -> EndpointSpec {
        EndpointSpec {
            model: ServedModel {
                name: "it's $(odd)".to_owned(),
                version: "v1".to_owned(),
                bucket: "models".to_owned(),
                key: "fraud/v1/model.onnx".to_owned(),
                sha256: "00ff".to_owned(),
            },
            ..EndpointSpec::default()
        }
    }

    /// The script is run with a `skyform` that only says what it was asked for.
    #[test]
    fn the_script_fetches_the_model_and_serves_it() {
        let place = Place { region: "eu-central-1", endpoint: Some("http://there") };
        let data = user_data(&spec(), "rev-1", &place);
        let start = format!("<<'{MARK}'\n");
        let script =
            data.split_once(&start).and_then(|(_, rest)| rest.split_once("SKYFORM\nchmod"));
        let (script, _) = script.expect("it is in there");
        let folder = std::env::temp_dir().join(format!("skyform-boot-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let fake = "#!/bin/sh\nfor word; do echo \"<$word>\"; done >>said\n\
                    if [ \"$1\" = copy ]; then touch \"$4\"; fi\n";
        for (name, text) in [("serve", script), ("skyform", fake)] {
            std::fs::write(folder.join(name), text).expect("written");
        }
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let run = "chmod 755 serve skyform && exec ./serve";
        let mut shell = Command::new("sh");
        shell.args(["-c", run]).current_dir(&folder).env("PATH", path);
        assert!(shell.status().expect("a shell").success(), "{script}");
        let said = std::fs::read_to_string(folder.join("said")).expect("it was asked");
        std::fs::remove_dir_all(&folder).expect("removed");
        let (copy, serve) = said.split_once("<serve>\n").expect("it serves in the end");
        assert_eq!(
            copy,
            "<copy>\n<-source-endpoint=http://there>\n<s3://models/fraud/v1/model.onnx>\n<00ff.onnx>\n"
        );
        for word in
            ["-model=00ff.onnx", "-model-sha256=00ff", "-name=it's $(odd)", "-instance=rev-1"]
        {
            assert!(serve.contains(&format!("<{word}>\n")), "{word} in {serve}");
        }
    }
}

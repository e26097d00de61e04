//! The servers that there are, and how each is started.

use crate::Server;
use crate::install::{Installed, found};

/// The name of Azurite's only account.
pub const AZURITE_ACCOUNT: &str = "devstoreaccount1";

/// The published key of that account.
pub const AZURITE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Amazon Web Services by moto: S3, EC2, SageMaker and the rest at one URL; any credentials do.
pub fn moto() -> Option<Server> {
    let Installed { folder, .. } = found("moto")?;
    Some(Server::start("moto", |port, _| {
        let port = port.to_string();
        // Built in: build folders are shared, and the tree that this was built in may be gone.
        let command =
            ["python3", "-c", include_str!("serve_moto.py"), "-H", "127.0.0.1", "-p", &port];
        (command.map(str::to_owned).to_vec(), vec![("PYTHONPATH", folder.clone())])
    }))
}

/// Azure Blob Storage by Azurite. The URL ends with [`AZURITE_ACCOUNT`].
pub fn azurite() -> Option<Server> {
    let Installed { folder, node } = found("azurite")?;
    let server = Server::start("azurite", |port, _| {
        let (main, port) = (format!("{folder}/dist/src/blob/main.js"), port.to_string());
        let mut command = vec![node.clone(), main, "--blobPort".to_owned(), port];
        let more = ["--inMemoryPersistence", "--skipApiVersionCheck", "--loose", "--silent"];
        command.extend(more.map(str::to_owned));
        (command, Vec::new())
    });
    Some(server.with_path(AZURITE_ACCOUNT))
}

/// Google Cloud Storage by fake-gcs-server; no credentials.
pub fn fake_gcs() -> Option<Server> {
    let Installed { folder, .. } = found("fake-gcs")?;
    let programs = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let program = programs.map(|entry| entry.path()).find(|path| path.is_file())?;
    Some(Server::start("fake-gcs", |port, _| {
        let (at, program) = (format!("127.0.0.1:{port}"), program.to_string_lossy().into_owned());
        let (url, port) = (format!("http://{at}"), port.to_string());
        let command = [&program, "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1"];
        let more = ["-port", &port, "-public-host", &at, "-external-url", &url];
        (command.iter().copied().chain(more).map(str::to_owned).collect(), Vec::new())
    }))
}

/// PostgreSQL with an empty database. The URL is a connection string; no password.
pub fn postgresql() -> Option<Server> {
    let Installed { folder, .. } = found("postgresql")?;
    let server = Server::start("postgresql", |port, data| {
        // It refuses to run as root.
        let script = r#"
            as=""
            if [ "$(id -u)" -eq 0 ]; then as="setpriv --reuid=65534 --regid=65534 --clear-groups"; fi
            $as "$1/bin/initdb" -D "$2/data" -U skyform --auth=trust --no-sync --no-instructions -E UTF8
            exec $as "$1/bin/postgres" -D "$2/data" -p "$3" -k "" -c listen_addresses=127.0.0.1 -c fsync=off
        "#;
        let command = ["sh", "-c", script, "sh", &folder, data, &port.to_string()];
        (command.map(str::to_owned).to_vec(), Vec::new())
    });
    Some(server.into_database())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// What a server answers to a request for its URL's path.
    fn answer(server: &Server) -> String {
        let path = server.url().splitn(4, '/').nth(3).unwrap_or_default();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            server.address()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn each_server_answers_and_ends_with_its_handle() {
        for start in [moto, azurite, fake_gcs] {
            let Some(server) = start() else { continue };
            assert!(answer(&server).starts_with("HTTP/1.1 "), "{}", server.url());
            let address = server.address().to_owned();
            drop(server);
            assert!(TcpStream::connect(&address).is_err(), "{address} is still there");
        }
    }

    #[test]
    fn the_database_is_there_and_ends_with_its_handle() {
        let Some(server) = postgresql() else { return };
        assert!(server.url().starts_with("postgres://skyform@127.0.0.1:"));
        assert!(TcpStream::connect(server.address()).is_ok());
        let address = server.address().to_owned();
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}

//! The network that machines are in, played: the emulator runs none.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Mutex;

use skyform_emulators::{Gateway, Server};
use skyform_provider_s3::Limits;

use super::*;
use crate::testing;

/// The driver on an emulator, with the network that it asks machines in.
pub(super) struct Played {
    pub(super) fleet: Fleet,
    network: Network,
    _gateway: Gateway,
}

/// At each address something answers, but where it is silent.
#[derive(Clone, Default)]
struct Network {
    /// The revision that servers show.
    revision: Arc<Mutex<String>>,
    silent: Arc<Mutex<HashSet<String>>>,
}

impl Played {
    /// On the server at a URL.
    pub(super) fn at(url: &str) -> Self {
        let network = Network::default();
        let gateway = network.gateway();
        let mut fleet = Fleet::new(Arc::new(machines(url)));
        fleet.asking = Asking::through(&gateway.url());
        fleet.patience = Duration::from_secs(20);
        Self { fleet, network, _gateway: gateway }
    }

    /// Lets servers show the revision that a specification leads to.
    pub(super) fn show(&self, spec: &EndpointSpec) {
        let attempt = self.fleet.attempt(spec, "one").expect("an attempt");
        *self.network.revision.lock().expect("whole") = attempt.revision;
    }

    /// Lets nothing answer at a URL.
    pub(super) fn silence(&self, url: &str) {
        let host = url.trim_start_matches("http://").to_owned();
        self.network.silent.lock().expect("whole").insert(host);
    }

    /// Machines of the endpoint.
    pub(super) async fn living(&self) -> Vec<String> {
        ids(&self.fleet.machines.group(&group_of("fraud")).await.expect("a group").living)
    }

    /// An endpoint that the emulator takes: with a role and a security group that it has.
    pub(super) async fn wanted(&self, server: &Server) -> EndpointSpec {
        let query = "Action=CreateInstanceProfile&InstanceProfileName=serve&Version=2010-05-08";
        let key = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request";
        let made = ureq::post(format!("{}/?{query}", server.url())).header("Authorization", key);
        made.send_empty().expect("a role");
        let client = machines(server.url());
        let client = client.client().await.expect("a client");
        let groups = client.describe_security_groups().send().await.expect("groups");
        let group = groups.security_groups()[0].group_id().expect("it has one").to_owned();
        EndpointSpec { security_groups: vec![group], ..spec("aa") }
    }
}

impl Network {
    fn gateway(&self) -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let revision = self.revision.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
                let mut head = String::new();
                while reader.read_line(&mut head).is_ok_and(|length| length > 2) {}
                let body = match head.starts_with("GET /ping ") {
                    true => "{}".to_owned(),
                    false => format!("{{\"instance\":{:?}}}", revision.lock().expect("whole")),
                };
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                );
            }
        });
        let silent = self.silent.clone();
        Gateway::new(move |host| {
            let is_silent = silent.lock().expect("whole").contains(host);
            (!is_silent).then(|| address.clone())
        })
    }
}

fn machines(url: &str) -> Machines {
    testing::machines(url, Limits { attempts: 2, ..Limits::default() })
}

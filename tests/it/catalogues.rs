//! Offers out of catalogues: filters, addresses on the web, and what is built in.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use crate::stack::{Said, Stack};

const PRICES: &str = "# date: 2026-11-01\noffer,region,price,spot_price,gpu\n\
                      big.1,east,2,0.5,1\nbig.2,east,3.5,,2\nsmall.1,east,0.1,,\nbig.1,west,1.5,,1\n";

fn stack(filter: &str) -> Stack {
    let text = format!(
        r#"
catalog "own" {{
  source            = "prices.csv"
  interruption_rate = 0.1
  max_age_days      = 100000
}}
cloud "a" {{
  driver = "local"
  region = "east"
  offers_from {{
    {filter}
  }}
}}
task "t" {{
  demand           = 2
  throughput       = 1
  max_interruption = 0.2
}}
placement "main" {{}}
"#
    );
    Stack::new(&[("main.hcl", &text), ("prices.csv", PRICES)])
}

#[test]
fn a_filter_takes_the_offers_that_pass() {
    let considered = |filter: &str| {
        let json = stack(filter).json(&["place", "-json"]);
        let task = &json["placements"]["main"]["explanation"]["tasks"]["t"];
        let offers = task["considered"].as_object().expect("offers");
        offers.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let own = "catalog = catalog.own\n";
    let with = |more: &str| considered(&format!("{own}{more}"));
    // The cloud says its region, so that of others are left out.
    assert_eq!(with(""), "a/big.1@east a/big.1@east:spot a/big.2@east a/small.1@east");
    assert_eq!(with("regions = [\"w*\"]"), "a/big.1@west");
    assert_eq!(with("types = [\"big.*\"]\nspot = false"), "a/big.1@east a/big.2@east");
    assert_eq!(with("requires = { gpu = 2 }"), "a/big.2@east");
    assert_eq!(with("requires = { gpu = 1 }\nmax_price = 2\nspot = true"), "a/big.1@east:spot");
    let json = stack(&format!("{own}types = [\"small.*\", \"big.2\"]\nquota = 1"));
    let json = json.json(&["place", "-json"]);
    let units = &json["placements"]["main"]["assignments"]["t"];
    assert_eq!(units["a/small.1@east"]["units"], 1, "{units}");
    assert_eq!(units["a/big.2@east"]["units"], 1, "{units}");
}

#[test]
fn what_a_filter_leaves_out_is_said_if_nothing_is_left() {
    let said = stack("catalog = catalog.own\ntypes = [\"b*\"]\nmax_price = 0.2").bad(&["place"]);
    let flat = said.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    let expected = "Catalogue \"own\" has 5 offers, and none passes (3: dearer than 0.2; 1: another \
                    type; 1: not in region east).";
    assert!(flat.contains(expected), "{said}");
    let said = stack("catalog = \"own\"").bad(&["place"]);
    assert!(said.contains("catalog = catalog.NAME"), "{said}");
    let said = stack("catalog = catalog.own\nquota = 1.5").bad(&["place"]);
    assert!(said.contains("whole number"), "{said}");
}

/// A server that answers so often with the prices, and then is no longer there.
fn server(times: usize) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/prices.csv", listener.local_addr().expect("it has one"));
    let thread = std::thread::spawn(move || {
        for _ in 0..times {
            let (mut stream, _) = listener.accept().expect("someone asks");
            let lines = BufReader::new(stream.try_clone().expect("a copy")).lines();
            let _ =
                lines.take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).count();
            let size = PRICES.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close");
            write!(stream, "{head}\r\n\r\n{PRICES}").expect("written");
        }
    });
    (url, thread)
}

#[test]
fn a_catalogue_on_the_web_is_kept_for_when_it_cannot_be_reached() {
    let (url, server) = server(3);
    let text = |more: &str| {
        format!(
            "catalog \"own\" {{\n  source = \"{url}\"\n  max_age_days = 100000\n  {more}\n}}\n\
             cloud \"a\" {{\n  driver = \"local\"\n  offers = catalog.own.offers\n}}\n\
             task \"t\" {{\n  demand = 1\n  throughput = 1\n}}\nplacement \"main\" {{}}\n"
        )
    };
    let stack = Stack::new(&[("main.hcl", &text(""))]);
    let place = || -> Said {
        let mut command = stack.command(&["place"]);
        let cache = stack.path().join("cache");
        crate::stack::said(&command.env("XDG_CACHE_HOME", cache).output().expect("it runs"))
    };
    let said = place();
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("a/small.1@east"), "{}", said.stdout);
    // Another content than expected is refused.
    stack.write("main.hcl", &text(&format!("sha256 = \"{}\"", "0".repeat(64))));
    let said = place();
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("Catalogue is another one"), "{}", said.stderr);
    let words = said.stderr.split_whitespace().map(|word| word.trim_end_matches('.'));
    let digest = words.filter(|word| word.len() == 64).find(|word| !word.starts_with("000"));
    let digest = digest.expect("a digest").to_owned();
    stack.write("main.hcl", &text(&format!("sha256 = \"{digest}\"")));
    assert_eq!(place().code, 0);
    server.join().expect("it ends");
    let said = place();
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("Catalogue could not be fetched"), "{}", said.stderr);
    assert!(said.stdout.contains("kept from a fetch 0 days ago"), "{}", said.stdout);
    stack.write("main.hcl", &text("").replace("http:", "ftp:"));
    assert!(place().stderr.contains("an address of the kind \"ftp\""));
}

#[test]
fn three_clouds_have_catalogues_that_are_built_in() {
    let text = r#"
catalog "aws" {}
catalog "azure" {}
catalog "prices" {
  builtin = "gcp"
}
cloud "aws" {
  driver = "local"
  region = "us-west-2"
  offers_from {
    catalog = catalog.aws
  }
}
cloud "azure" {
  driver = "local"
  region = "eastus"
  offers_from {
    catalog = catalog.azure
  }
}
cloud "gcp" {
  driver = "local"
  region = "us-central1"
  offers_from {
    catalog = catalog.prices
  }
}
task "t" {
  demand     = 3
  throughput = 1
  requires   = { gpu = 1, gpu_memory_gib = 24 }
}
placement "main" {}
"#;
    let stack = Stack::new(&[("main.hcl", text)]);
    let json = stack.json(&["place", "-json"]);
    let main = &json["placements"]["main"];
    // 3 x 730 x 0.70683
    assert_eq!(main["cost"].as_f64(), Some(1547.9577));
    assert_eq!(main["assignments"]["t"]["gcp/g2-standard-4@us-central1"]["units"], 3);
    stack.write("main.hcl", "catalog \"x\" {}\n");
    let said = stack.bad(&["plan"]);
    assert!(said.contains("there are aws, azure, gcp"), "{said}");
}

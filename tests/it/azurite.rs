//! Azure's emulator, reached with a signature that is made here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use skyform_emulators::{AZURITE_ACCOUNT, AZURITE_KEY, Server};

/// Makes a container.
pub(crate) fn make_container(server: &Server, name: &str) {
    let url = format!("{}/{name}?restype=container&{}", server.url(), account_signature());
    let made = ureq::put(&url).header("x-ms-version", "2021-12-02").send_empty();
    made.expect("a container");
}

/// A query that may do everything with the account.
fn account_signature() -> String {
    let (version, until) = ("2020-08-04", "2099-01-01T00:00:00Z");
    let text = format!("{AZURITE_ACCOUNT}\nrwdlac\nb\nsco\n\n{until}\n\nhttps,http\n{version}\n");
    let key = STANDARD.decode(AZURITE_KEY).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length does");
    mac.update(text.as_bytes());
    let signed = STANDARD.encode(mac.finalize().into_bytes());
    let signed = signed.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("sv={version}&ss=b&srt=sco&sp=rwdlac&se={until}&spr=https,http&sig={signed}")
}

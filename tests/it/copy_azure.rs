//! A container on Azure's emulator, made by a request that is signed here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use skyform_emulators::{AZURITE_ACCOUNT as ACCOUNT, AZURITE_KEY, Server};

/// Makes a container, by the Shared Key scheme of the Blob service.
pub(crate) fn make_container(server: &Server, name: &str) {
    let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let version = "2021-12-02";
    let text = format!(
        "PUT{}x-ms-date:{date}\nx-ms-version:{version}\n/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container",
        "\n".repeat(12)
    );
    let key = BASE64.decode(AZURITE_KEY).expect("a key");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
    mac.update(text.as_bytes());
    let signature = BASE64.encode(mac.finalize().into_bytes());
    let made = ureq::put(format!("{}/{name}?restype=container", server.url()))
        .header("x-ms-date", &date)
        .header("x-ms-version", version)
        .header("authorization", format!("SharedKey {ACCOUNT}:{signature}"))
        .send_empty();
    made.expect("a container");
}

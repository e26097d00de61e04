//! Hashes, passwords and identifiers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use skyform_value::{Type, Value};

use super::filesystem::read;
use super::signature::{
    Answer, Arguments, Function, Parameter, function, number, parameter, string, variadic,
};

const TEXT: &[Parameter] = &[parameter("str", string)];
const PATH: &[Parameter] = &[parameter("path", string)];

pub(super) const FUNCTIONS: &[Function] = &[
    function("md5", TEXT, string, |a| hex::<Md5>(a.text(0).as_bytes())),
    function("sha1", TEXT, string, |a| hex::<Sha1>(a.text(0).as_bytes())),
    function("sha256", TEXT, string, |a| hex::<Sha256>(a.text(0).as_bytes())),
    function("sha512", TEXT, string, |a| hex::<Sha512>(a.text(0).as_bytes())),
    function("base64sha256", TEXT, string, |a| base64::<Sha256>(a.text(0).as_bytes())),
    function("base64sha512", TEXT, string, |a| base64::<Sha512>(a.text(0).as_bytes())),
    function("filemd5", PATH, string, |a| hex::<Md5>(&read(a, a.text(0))?)),
    function("filesha1", PATH, string, |a| hex::<Sha1>(&read(a, a.text(0))?)),
    function("filesha256", PATH, string, |a| hex::<Sha256>(&read(a, a.text(0))?)),
    function("filesha512", PATH, string, |a| hex::<Sha512>(&read(a, a.text(0))?)),
    function("filebase64sha256", PATH, string, |a| base64::<Sha256>(&read(a, a.text(0))?)),
    function("filebase64sha512", PATH, string, |a| base64::<Sha512>(&read(a, a.text(0))?)),
    variadic("bcrypt", TEXT, parameter("cost", number), string, bcrypt_hash),
    function("uuid", &[], string, random_uuid),
    function(
        "uuidv5",
        &[parameter("namespace", string), parameter("name", string)],
        string,
        named_uuid,
    ),
];

fn hex<D: Digest>(bytes: &[u8]) -> Answer {
    let digest = D::digest(bytes);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

fn base64<D: Digest>(bytes: &[u8]) -> Answer {
    Ok(STANDARD.encode(D::digest(bytes)).into())
}

fn bcrypt_hash(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.len() > 2 {
        return Err(super::FunctionError::TooMany { most: 2 });
    }
    let cost = if arguments.values.len() == 2 { arguments.whole(1)? } else { 10 };
    let cost = u32::try_from(cost).ok().filter(|cost| (4..=31).contains(cost));
    let Some(cost) = cost else {
        return Err(arguments.wrong(1, "the cost must be between 4 and 31"));
    };
    // Made anew in each run, so while planning it is not known yet.
    if arguments.context.now.is_none() {
        return Ok(Value::unknown(Type::String));
    }
    let mut salt = [0; 16];
    (arguments.context.random)(&mut salt);
    let parts = bcrypt::hash_with_salt(arguments.text(0), cost, salt)
        .map_err(|error| format!("error occured generating password {error}"))?;
    Ok(parts.format_for_version(bcrypt::Version::TwoA).into())
}

fn random_uuid(arguments: &Arguments<'_>) -> Answer {
    if arguments.context.now.is_none() {
        return Ok(Value::unknown(Type::String));
    }
    let mut bytes = [0; 16];
    (arguments.context.random)(&mut bytes);
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string().into())
}

fn named_uuid(arguments: &Arguments<'_>) -> Answer {
    let space = match arguments.text(0) {
        "dns" => uuid::Uuid::NAMESPACE_DNS,
        "url" => uuid::Uuid::NAMESPACE_URL,
        "oid" => uuid::Uuid::NAMESPACE_OID,
        "x500" => uuid::Uuid::NAMESPACE_X500,
        other => uuid::Uuid::parse_str(other).map_err(|error| {
            arguments.wrong(0, format!("uuidv5() doesn't support namespace {other} ({error})"))
        })?,
    };
    Ok(uuid::Uuid::new_v5(&space, arguments.text(1).as_bytes()).to_string().into())
}

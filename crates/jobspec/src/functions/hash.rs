//! Digests, identifiers and secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

use super::{Answer, Failure, text, whole};
use crate::limits::MAX_BCRYPT_COST;
use crate::options::Options;
use crate::value::Value;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn md5(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&hex(&md5::Md5::digest(text(values, 0)))))
}

pub(super) fn sha1(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&hex(&sha1::Sha1::digest(text(values, 0)))))
}

pub(super) fn sha256(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&hex(&sha2::Sha256::digest(text(values, 0)))))
}

pub(super) fn sha512(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&hex(&sha2::Sha512::digest(text(values, 0)))))
}

/// A hash of a password. Its cost is limited here: each step doubles the time it takes.
pub(super) fn bcrypt(values: &[Value], options: &Options<'_>) -> Answer {
    if values.len() > 2 {
        return Err(Failure::Call("bcrypt() takes no more than two arguments".to_owned()));
    }
    let cost = if values.len() == 2 { whole(values, 1)? } else { 10 };
    let cost = u32::try_from(cost).ok().filter(|cost| *cost <= MAX_BCRYPT_COST);
    let Some(cost) = cost else {
        return Err(Failure::Call(format!(
            "error occurred generating password: cost must be between 0 and {MAX_BCRYPT_COST}"
        )));
    };
    let cost = if cost < 4 { 10 } else { cost };
    let given = text(values, 0);
    if given.len() > 72 {
        return Err(Failure::Call(
            "error occurred generating password: bcrypt: password length exceeds 72 bytes".to_owned(),
        ));
    }
    let hashed = bcrypt::hash_with_salt(given, cost, (options.mint)());
    let hashed =
        hashed.map_err(|error| Failure::Call(format!("error occurred generating password: {error}")))?;
    Ok(Value::text(&hashed.format_for_version(bcrypt::Version::TwoA)))
}

fn show(mut bytes: [u8; 16], version: u8) -> String {
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | (version << 4);
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let digits = hex(&bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

pub(super) fn uuidv4(_: &[Value], options: &Options<'_>) -> Answer {
    Ok(Value::text(&show((options.mint)(), 4)))
}

pub(super) fn uuidv5(values: &[Value], _: &Options<'_>) -> Answer {
    let given = text(values, 0);
    let namespace = match given {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let bytes = uuid_bytes(namespace)
        .map_err(|why| Failure::Call(format!("uuidv5() doesn't support namespace {given} ({why})")))?;
    let mut hasher = sha1::Sha1::new();
    hasher.update(bytes);
    hasher.update(text(values, 1));
    let digest = hasher.finalize();
    let mut first = [0u8; 16];
    first.iter_mut().zip(digest).for_each(|(slot, byte)| *slot = byte);
    Ok(Value::text(&show(first, 5)))
}

/// The bytes of an identifier, with or without dashes, braces or `urn:uuid:`.
fn uuid_bytes(given: &str) -> Result<Vec<u8>, String> {
    let plain = match given.len() {
        36 => given,
        45 => match given.to_lowercase().starts_with("urn:uuid:") {
            true => given.get(9..).unwrap_or_default(),
            false => return Err(format!("invalid urn prefix: {:?}", given.get(..9).unwrap_or_default())),
        },
        38 => given.get(1..37).unwrap_or_default(),
        32 => given,
        length => return Err(format!("invalid UUID length: {length}")),
    };
    let dashes = plain.len() == 36;
    let placed = [8, 13, 18, 23].iter().all(|at| plain.as_bytes().get(*at) == Some(&b'-'));
    let digits: String = plain.chars().filter(|letter| *letter != '-').collect();
    if (dashes && !placed) || digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("invalid UUID format".to_owned());
    }
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..32).step_by(2).map(|at| pair(at).ok_or_else(|| "invalid UUID format".to_owned())).collect()
}

/// Checks its input as the original does; the decryption itself is not offered, because a private key does not belong
/// into a job file.
pub(super) fn rsadecrypt(values: &[Value], _: &Options<'_>) -> Answer {
    let given = text(values, 0);
    if STANDARD.decode(given).is_err() {
        return Err(Failure::Call(format!(
            "failed to decode input {given:?}: cipher text must be base64-encoded"
        )));
    }
    Err(Failure::Call("decryption with a private key is not supported".to_owned()))
}

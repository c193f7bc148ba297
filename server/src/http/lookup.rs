//! Ids and prefixes of ids in requests, refused in the words of the original's index.

use uuid::Uuid;

use super::error::ApiError;

/// Reads an id. `noun` is the table as errors name it: `alloc lookup failed: index error: …`. What has the length of
/// an id and hexadecimal digits, but is none, names nothing: the nil id.
pub(super) fn id(text: &str, noun: &str) -> Result<Uuid, ApiError> {
    if text.len() != 36 {
        return Err(failed(noun, "UUID must be 36 characters"));
    }
    digits(text).map_err(|fault| failed(noun, &fault))?;
    let plain: String = text.chars().filter(|c| *c != '-').collect();
    Ok(Uuid::parse_str(&plain).unwrap_or_default())
}

/// Reads an id where the original names no table in its errors.
pub(super) fn bare_id(text: &str) -> Result<Uuid, ApiError> {
    id(text, "").map_err(bare)
}

/// The same for a prefix.
pub(super) fn bare_prefix(text: &str) -> Result<(), ApiError> {
    prefix(text, "").map_err(bare)
}

fn bare(error: ApiError) -> ApiError {
    match error {
        ApiError::Server(text) => ApiError::Server(text.trim_start_matches(" lookup failed: ").to_owned()),
        other => other,
    }
}

/// True when an id begins so, whatever the case of the digits and wherever the hyphens are.
pub(super) fn begins(id: &Uuid, prefix: &str) -> bool {
    if prefix.is_empty() {
        return true;
    }
    let digits: String = prefix.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let mut buffer = Uuid::encode_buffer();
    id.as_simple().encode_lower(&mut buffer).starts_with(&digits)
}

/// Looks at the prefix of an id: hexadecimal digits, and an even number of them without the hyphens.
pub(super) fn prefix(text: &str, noun: &str) -> Result<(), ApiError> {
    if text.len() > 36 {
        let fault = format!("Invalid UUID length. UUID have 36 characters; got {}", text.len());
        return Err(failed(noun, &fault));
    }
    digits(text).map_err(|fault| failed(noun, &fault))
}

fn digits(text: &str) -> Result<(), String> {
    let hyphens = text.matches('-').count();
    if hyphens > 4 {
        return Err(format!("UUID should have maximum of 4 \"-\"; got {hyphens}"));
    }
    let mut digits = text.bytes().filter(|byte| *byte != b'-');
    if digits.clone().count() % 2 == 1 {
        return Err("Input (without hyphens) must be even length".to_owned());
    }
    match digits.find(|digit| !digit.is_ascii_hexdigit()) {
        None => Ok(()),
        // The original's decoder works on bytes and names the first odd one as a character.
        Some(digit) => {
            Err(format!("Invalid UUID: encoding/hex: invalid byte: U+{digit:04X} '{}'", char::from(digit)))
        }
    }
}

fn failed(noun: &str, fault: &str) -> ApiError {
    ApiError::Server(format!("{noun} lookup failed: index error: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_prefixes_are_refused_as_the_original_refuses_them() {
        let text = |result: Result<(), ApiError>| match result {
            Err(ApiError::Server(text)) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            text(prefix("xyz", "alloc")),
            "alloc lookup failed: index error: Input (without hyphens) must be even length"
        );
        assert_eq!(
            text(prefix("zz", "node")),
            "node lookup failed: index error: Invalid UUID: encoding/hex: invalid byte: U+007A 'z'"
        );
        assert!(prefix("", "node").is_ok() && prefix("ab-cd", "node").is_ok());
        assert_eq!(
            text(id("1234", "eval").map(drop)),
            "eval lookup failed: index error: UUID must be 36 characters"
        );
        let known = Uuid::from_u64_pair(0xABCD_EF01_2345_6789, 1);
        assert!(begins(&known, "abcdef0123") && begins(&known, "ABCDEF01-23") && !begins(&known, "ab01"));
        assert_eq!(id("00000000-0000-0000-0000-000000000000", "eval"), Ok(Uuid::nil()));
    }
}

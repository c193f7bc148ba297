//! Root keys, and the public halves of those that sign.

use crate::shape::shape;

shape! {
    /// A root key.
    RootKey {
        "Algorithm" algorithm: String,
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "KeyID" key_id: String,
        "ModifyIndex" modify_index: u64,
        "PublishTime" publish_time: i64,
        "State" state: String,
    }
    /// Answer to a rotation.
    Rotated { "Index" index: u64, "Key" key: Option<RootKey> }
    /// The public halves.
    Jwks { "keys" keys: Vec<Jwk> }
    /// One of them: modulus and exponent in base64, as RFC 7517 has it.
    Jwk {
        "alg" algorithm: String,
        "e" exponent: String,
        "kid" key_id: String,
        "kty" key_type: String,
        "n" modulus: String,
        "use" purpose: String,
    }
}

//! The ACL pages.

use crate::shape::shape;

shape! {
    /// The token of a request.
    Token {
        "AccessorID" accessor_id: String,
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: String,
        "ExpirationTTL" expiration_ttl: String,
        "ExpirationTime" expiration_time: Option<String>,
        "Global" global: bool,
        "Hash" hash: Option<String>,
        "ModifyIndex" modify_index: u64,
        "Name" name: String,
        "Policies" policies: Option<Vec<String>>,
        "Roles" roles: Option<Vec<String>>,
        "SecretID" secret_id: String,
        "Type" kind: String,
    }
    /// Body that asks for a token which introduces a new client node.
    IntroductionRequest {
        "NodeName" node_name: String,
        "NodePool" node_pool: String,
        "TTL" ttl: crate::time::GoDuration,
    }
    /// Such a token, signed.
    Introduction { "JWT" jwt: String }
}

//! The two versions of a Drover binary.
//!
//! Clients and jobs compare `${attr.nomad.version}` and the API's versions with constraints written for the original,
//! so those carry the version we are compatible with, a plain `x.y.z`; only people see our own.

/// The version of this program.
pub const DROVER_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version of the original's API that this program speaks. The API and `${attr.nomad.version}` report it.
pub const COMPAT_VERSION: &str = "1.10.5";

#[cfg(test)]
mod tests {
    #[test]
    fn both_are_plain_numbers() {
        for version in [super::DROVER_VERSION, super::COMPAT_VERSION] {
            let parts: Vec<&str> = version.split('.').collect();
            assert!(parts.len() == 3 && parts.iter().all(|p| p.parse::<u32>().is_ok()), "{version}");
        }
    }
}

//! `version`: our own version, and that of the API.

use crate::console::{Console, Failure};

pub(super) fn run(console: Console) -> Result<u8, Failure> {
    console.line(format!(
        "Drover v{}\nAPI compatible with Nomad v{}",
        runtime::DROVER_VERSION,
        runtime::COMPAT_VERSION
    ));
    Ok(0)
}

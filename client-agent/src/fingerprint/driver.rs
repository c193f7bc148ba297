//! The drivers that this agent offers, as attributes and in full.

use std::collections::BTreeMap;

use model::node::DriverInfo;

use super::{Attributes, put};
use crate::clock::now_ns;
use crate::driver::Drivers;

pub(super) fn fingerprint(
    drivers: &Drivers,
    attributes: &mut Attributes,
    infos: &mut BTreeMap<String, DriverInfo>,
) {
    for driver in drivers.iter() {
        let info = driver.fingerprint(now_ns());
        if info.detected && info.healthy {
            put(attributes, &format!("driver.{}", driver.name()), 1);
        }
        infos.insert(driver.name().to_owned(), info);
    }
}

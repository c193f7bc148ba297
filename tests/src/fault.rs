//! Faults: links that are cut, processes that are stopped, disks that hang, fail or lie.

pub mod damage;
pub mod host;
pub mod namespace;
pub mod owner;
pub mod process;
pub mod proxy;

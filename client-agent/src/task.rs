//! One task of an allocation: what happens next (pure) and doing it.

pub(crate) mod config;
pub(crate) mod env;
pub(crate) mod event;
pub(crate) mod honour;
pub(crate) mod interpolate;
pub(crate) mod lifecycle;
pub(crate) mod restart;
pub(crate) mod runner;

//! One way to take a standard mutex.
//!
//! Refuses to spread poisoning: every critical section of this crate leaves its data valid at each
//! step, so a panic elsewhere is no reason to panic here too.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, also when another holder panicked.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The id mint: the only source of random ids, secrets and seeds.
//!
//! Whoever makes a new thing is given a `Mint`; a test gives a seeded one and gets the same ids in every run. Ids of
//! allocations are not minted here: the scheduler derives them from the seed that it is given.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use std::fmt;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// A source of ids. Cheap to clone; clones of a seeded mint draw from one sequence.
#[derive(Clone, Default)]
pub struct Mint(Source);

#[derive(Clone, Default)]
enum Source {
    /// The operating system's randomness, through a cryptographic generator of this thread.
    #[default]
    Random,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Mint {
    /// Unpredictable ids.
    pub fn random() -> Mint {
        Mint(Source::Random)
    }

    /// The same ids in every run. For tests only: its secrets are none.
    pub fn seeded(seed: u64) -> Mint {
        Mint(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0u8; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A version 4 UUID as text, `8-4-4-4-12` in lower case.
    pub fn id(&self) -> String {
        self.uuid().to_string()
    }

    /// 32 random bytes as 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// A seed for a deterministic decision.
    pub fn seed(&self) -> u64 {
        let mut bytes = [0u8; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number from 0 (included) to `end` (excluded); 0 when `end` is 0. For jitter.
    pub fn below(&self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        match &self.0 {
            Source::Random => rand::rng().random_range(0..end),
            Source::Seeded(rng) => locked(rng).random_range(0..end),
        }
    }

    /// Fill a buffer with random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::Random => rand::rng().fill_bytes(bytes),
            Source::Seeded(rng) => locked(rng).fill_bytes(bytes),
        }
    }
}

/// A panic elsewhere leaves the generator usable, so a poisoned lock is taken all the same.
fn locked(rng: &Mutex<StdRng>) -> std::sync::MutexGuard<'_, StdRng> {
    rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Random => "Mint(random)",
            Source::Seeded(_) => "Mint(seeded)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeded_mint_repeats_itself_and_a_random_one_does_not() {
        let draw = |mint: Mint| (mint.id(), mint.secret(), mint.seed());
        assert_eq!(draw(Mint::seeded(7)), draw(Mint::seeded(7)));
        assert_ne!(draw(Mint::seeded(7)), draw(Mint::seeded(8)));
        assert_ne!(draw(Mint::random()), draw(Mint::random()));
    }

    #[test]
    fn ids_are_version_4_and_secrets_are_hexadecimal() {
        let mint = Mint::random();
        let uuid = mint.uuid();
        assert_eq!(uuid.get_version_num(), 4);
        assert_eq!(mint.id().len(), 36);
        let secret = mint.secret();
        assert!(secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!((0..100).all(|_| mint.below(3) < 3) && mint.below(0) == 0);
    }
}

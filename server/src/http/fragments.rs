//! Jobs as they are answered, encoded once and not for every reader. A job in the state is never changed, only
//! replaced, so what was made of it stands for as long as it is the same object.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api::job::Job;
use api::jobs::JobStub;
use bytes::Bytes;
use serde::Serialize;
use state::JobSummary;

use super::error::ApiError;
use super::jobs::summary_of;

/// Bytes of encoded objects that are kept, twice: what was read lately, and what was read before that.
const KEPT: usize = 16 << 20;

/// What was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Job,
    Stub { meta: bool },
}

/// An encoded object, and what it was made of.
#[derive(Clone)]
struct Fragment {
    _job: Arc<model::Job>,
    _summary: Option<Arc<JobSummary>>,
    text: Bytes,
}

/// Encoded jobs, by two generations: when the younger one is full, the older one goes.
#[derive(Default)]
pub(crate) struct Fragments(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Address, Fragment>,
    old: HashMap<Address, Fragment>,
    bytes: usize,
}

/// Objects by their addresses, which nobody else can have while they are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Address(What, usize, usize);

impl Address {
    fn of(what: What, job: &Arc<model::Job>, summary: Option<&Arc<JobSummary>>) -> Self {
        Address(what, Arc::as_ptr(job).addr(), summary.map_or(0, |summary| Arc::as_ptr(summary).addr()))
    }
}

impl Fragments {
    /// A job as `GET /v1/job/:id` shows it.
    pub(super) fn job(&self, job: &Arc<model::Job>) -> Result<Bytes, ApiError> {
        let address = Address::of(What::Job, job, None);
        self.get(address, || {
            let text = encoded(&Job::from(&**job))?;
            Ok(Fragment { _job: job.clone(), _summary: None, text })
        })
    }

    /// A job as lists show it.
    pub(super) fn stub(
        &self,
        job: &Arc<model::Job>,
        summary: &Arc<JobSummary>,
        meta: bool,
    ) -> Result<Bytes, ApiError> {
        let address = Address::of(What::Stub { meta }, job, Some(summary));
        self.get(address, || {
            let text = encoded(&JobStub::new(job, summary_of(job, summary), meta))?;
            Ok(Fragment { _job: job.clone(), _summary: Some(summary.clone()), text })
        })
    }

    fn get(
        &self,
        address: Address,
        make: impl FnOnce() -> Result<Fragment, ApiError>,
    ) -> Result<Bytes, ApiError> {
        if let Some(text) = self.lock().find(address) {
            return Ok(text);
        }
        // Whoever else makes it at the same time makes the same.
        let made = make()?;
        let text = made.text.clone();
        self.lock().keep(address, made);
        Ok(text)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn find(&mut self, address: Address) -> Option<Bytes> {
        if let Some(found) = self.young.get(&address) {
            return Some(found.text.clone());
        }
        let found = self.old.remove(&address)?;
        let text = found.text.clone();
        self.keep(address, found);
        Some(text)
    }

    fn keep(&mut self, address: Address, fragment: Fragment) {
        if self.bytes > KEPT {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += fragment.text.len();
        self.young.insert(address, fragment);
    }
}

fn encoded<S: Serialize>(shown: &S) -> Result<Bytes, ApiError> {
    let bytes = api::json::to_vec(shown, false);
    bytes.map(Bytes::from).map_err(|error| ApiError::Internal(format!("encoding the answer: {error}")))
}

/// A list of what was encoded one by one.
pub(super) fn list(fragments: &[Bytes]) -> Bytes {
    let length = fragments.iter().map(|fragment| fragment.len() + 1).sum::<usize>() + 2;
    let mut list = Vec::with_capacity(length);
    list.push(b'[');
    for (at, fragment) in fragments.iter().enumerate() {
        if at > 0 {
            list.push(b',');
        }
        list.extend_from_slice(fragment);
    }
    list.push(b']');
    list.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str) -> Arc<model::Job> {
        Arc::new(model::Job { id: id.to_owned(), ..model::Job::default() })
    }

    #[test]
    fn what_is_kept_is_what_would_be_encoded() {
        let fragments = Fragments::default();
        let (job, summary) = (job("a"), Arc::new(JobSummary::default()));
        for meta in [false, true, false] {
            let stub = JobStub::new(&job, summary_of(&job, &summary), meta);
            assert_eq!(fragments.stub(&job, &summary, meta).unwrap(), encoded(&stub).unwrap());
        }
        let text = fragments.job(&job).unwrap();
        assert_eq!(text, encoded(&Job::from(&*job)).unwrap());
        assert_eq!(text.as_ptr(), fragments.job(&job).unwrap().as_ptr(), "it was encoded again");
        let changed = Arc::new(model::Job { priority: 7, ..(*job).clone() });
        assert_ne!(fragments.job(&changed).unwrap(), text);
        assert_eq!(&list(&[])[..], b"[]");
        assert_eq!(&list(&["1".into(), "2".into()])[..], b"[1,2]");
    }

    #[test]
    fn no_more_is_kept_than_two_generations() {
        let fragments = Fragments::default();
        let text = Bytes::from(vec![b'x'; KEPT / 8]);
        for number in 0..100 {
            let job = job(&number.to_string());
            let fragment = Fragment { _job: job.clone(), _summary: None, text: text.clone() };
            let address = Address::of(What::Job, &job, None);
            fragments.get(address, || Ok(fragment)).unwrap();
        }
        let kept = fragments.lock();
        assert!(kept.young.len() + kept.old.len() <= 20, "{} and {}", kept.young.len(), kept.old.len());
    }
}

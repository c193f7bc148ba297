//! What a request for a file of an allocation says, before and after it is decoded.

use api::query::{Params, percent_decode};
use proto::fs_request::FsRequest;

use super::harness::{Target, fuzz};
use super::text;

#[test]
fn paths_of_files() {
    let run = |input: &[u8]| {
        let (path, query) = text(input).split_once('?').unwrap_or((text(input), ""));
        let params = Params::parse(query);
        let path = percent_decode(path, false);
        let mut parts = path.trim_start_matches("/v1/client/fs/").splitn(2, '/');
        let (what, alloc) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let asked = FsRequest::read(what, alloc, |name| params.get(name).unwrap_or_default());
        if let Ok(FsRequest::Stat { path } | FsRequest::Cat { path }) = asked {
            assert!(!path.is_empty(), "a file without a name");
        }
    };
    let words =
        &["..", "/", "%2F", "%00", "path=", "offset=-", "origin=end", "follow=", "task=", "type=", "&"];
    fuzz(&Target { name: "fs-path", words, more: None, run });
}

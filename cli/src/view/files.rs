//! Files and directories of an allocation.

use super::bytes;
use crate::output;
use serde::Deserialize;

/// A file or a directory, as the agent describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Entry {
    /// Its name alone.
    pub name: String,
    /// It has entries of its own.
    pub is_dir: bool,
    /// Bytes.
    pub size: i64,
    /// `-rw-r--r--`.
    pub file_mode: String,
    /// RFC 3339.
    pub mod_time: String,
    /// Only where one path is described.
    pub content_type: String,
}

/// The entries of a directory. `machine` leaves sizes in bytes.
pub fn listed(entries: &[Entry], machine: bool) -> String {
    let heading = ["Mode", "Size", "Modified Time", "Name"].map(str::to_owned);
    let rows =
        entries.iter().map(|entry| [entry.file_mode.clone(), size(entry, machine), time(entry), name(entry)]);
    output::list(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

/// One path with what its content is.
pub fn described(entry: &Entry, machine: bool) -> String {
    let heading = ["Mode", "Size", "Modified Time", "Content Type", "Name"].map(str::to_owned);
    let content = entry.content_type.clone();
    let row = [entry.file_mode.clone(), size(entry, machine), time(entry), content, name(entry)];
    output::list(&[heading, row])
}

fn size(entry: &Entry, machine: bool) -> String {
    if machine { entry.size.to_string() } else { bytes(u64::try_from(entry.size).unwrap_or(0)) }
}

fn time(entry: &Entry) -> String {
    output::absolute_text(Some(&entry.mod_time))
}

fn name(entry: &Entry) -> String {
    if entry.is_dir { format!("{}/", entry.name) } else { entry.name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_end_in_a_slash_and_sizes_have_units() {
        let entry = |name: &str, is_dir, size| Entry {
            name: name.to_owned(),
            is_dir,
            size,
            file_mode: if is_dir { "drwxrwxrwx" } else { "-rw-r--r--" }.to_owned(),
            mod_time: "0001-01-01T00:00:00Z".to_owned(),
            content_type: "text/plain".to_owned(),
        };
        assert_eq!(
            listed(&[entry("local", true, 4096), entry("f.txt", false, 14)], false),
            "Mode        Size     Modified Time  Name\n\
             drwxrwxrwx  4.0 KiB  N/A            local/\n\
             -rw-r--r--  14 B     N/A            f.txt"
        );
        assert_eq!(
            described(&entry("f.txt", false, 4096), true),
            "Mode        Size  Modified Time  Content Type  Name\n-rw-r--r--  4096  N/A            text/plain    f.txt"
        );
    }
}

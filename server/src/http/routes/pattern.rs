//! Patterns of paths.

/// What a path names, by the name that its pattern gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::http) struct Args(Vec<(&'static str, String)>);

impl Args {
    /// The part of the path that was given this name; empty where the pattern has none.
    pub(in crate::http) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

/// What a decoded path names, if the pattern fits it.
pub(super) fn fit(pattern: &'static str, path: &str) -> Option<Args> {
    let mut args = Args::default();
    let Some((before, after)) = pattern.split_once('*') else {
        return segments(pattern, path, &mut args).then_some(args);
    };
    let (name, suffix) = after.split_once('/').map_or((after, ""), |(name, _)| (name, &after[name.len()..]));
    let rest = path.strip_prefix(before)?;
    // As many segments as the suffix has are cut off from behind; whatever is left is the name.
    let cut = match suffix.matches('/').count() {
        0 => rest.len(),
        count => rest.rmatch_indices('/').nth(count - 1)?.0,
    };
    let (value, tail) = rest.split_at(cut);
    args.0.push((name, value.to_owned()));
    segments(suffix, tail, &mut args).then_some(args)
}

fn segments(pattern: &'static str, path: &str, args: &mut Args) -> bool {
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        let Some(segment) = given.next() else { return false };
        match wanted.strip_prefix(':') {
            Some(name) => args.0.push((name, segment.to_owned())),
            None if wanted == segment => {}
            None => return false,
        }
    }
    given.next().is_none()
}

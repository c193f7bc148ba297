//! Datacenters with globs: `*` stands for any run of characters.

/// True when a datacenter is one of those wanted.
pub fn matches_any(wanted: &[String], datacenter: &str) -> bool {
    wanted.iter().any(|pattern| glob(pattern.as_bytes(), datacenter.as_bytes()))
}

/// Matches without recursion: on a mismatch the last star takes one character more.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&byte) if byte == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    seen = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_any_run() {
        let any = |pattern: &str, text| matches_any(&[pattern.to_owned()], text);
        assert!(any("*", "dc1") && any("dc*", "dc1") && any("*-eu-*", "a-eu-1") && any("dc1", "dc1"));
        assert!(!any("dc", "dc1") && !any("*2", "dc1") && !any("", "dc1"));
    }
}

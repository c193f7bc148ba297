//! The escape character: at the beginning of a line and before a dot, it ends the session.

/// What was typed so far, as far as it matters.
#[derive(Debug)]
pub(super) struct Escape {
    byte: u8,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    Line,
    /// Behind an escape character that is not sent yet.
    Escaped,
}

impl Escape {
    pub(super) fn new(byte: u8) -> Escape {
        Escape { byte, at: At::LineStart }
    }

    /// What of the bytes is to be sent, and whether the session ends there. The escape character twice is one.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> (Vec<u8>, bool) {
        let mut sent = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match (self.at, *byte) {
                (At::LineStart, byte) if byte == self.byte => {
                    self.at = At::Escaped;
                    continue;
                }
                (At::Escaped, b'.') => return (sent, true),
                (At::Escaped, byte) if byte != self.byte => sent.push(self.byte),
                _ => {}
            }
            sent.push(*byte);
            self.at = if matches!(byte, b'\n' | b'\r') { At::LineStart } else { At::Line };
        }
        (sent, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_at_the_beginning_of_a_line_and_before_a_dot() {
        for (typed, sent, ends) in [
            ("ls\n", "ls\n", false),
            ("~.", "", true),
            ("ls\r~.rest", "ls\r", true),
            ("a~.b", "a~.b", false),
            ("~~.\n", "~.\n", false),
            ("~x~.", "~x~.", false),
            ("~\n~.", "~\n", true),
        ] {
            assert_eq!(Escape::new(b'~').pass(typed.as_bytes()), (sent.into(), ends), "{typed:?}");
            let mut escape = Escape::new(b'~');
            let mut all = Vec::new();
            let ended = typed.bytes().any(|byte| {
                let (sent, ends) = escape.pass(&[byte]);
                all.extend(sent);
                ends
            });
            assert_eq!((all, ended), (sent.as_bytes().to_vec(), ends), "{typed:?} byte by byte");
        }
    }
}

//! What is pressed while the picture is shown.

use std::io::Read;
use tokio::sync::mpsc;

/// Keys that wait.
const KEYS_MAX: usize = 16;

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Quit,
    /// To the next table.
    Next,
    Up,
    Down,
    PageUp,
    PageDown,
}

/// Keys as they are pressed.
pub(super) struct Keys {
    pressed: mpsc::Receiver<Key>,
}

impl Keys {
    /// Listen to standard input, in a thread that ends with the program.
    pub(super) fn listen() -> Keys {
        let (sender, pressed) = mpsc::channel(KEYS_MAX);
        std::thread::spawn(move || {
            let mut bytes = [0; 64];
            while let Ok(length @ 1..) = std::io::stdin().lock().read(&mut bytes) {
                for key in read(&bytes[..length]) {
                    if sender.blocking_send(key).is_err() {
                        return;
                    }
                }
            }
        });
        Keys { pressed }
    }

    /// The next one; nothing when there is no input any more.
    pub(super) async fn next(&mut self) -> Option<Key> {
        self.pressed.recv().await
    }
}

/// Keys of what arrived at once; others are passed over.
fn read(mut bytes: &[u8]) -> Vec<Key> {
    const KNOWN: [(&[u8], Key); 12] = [
        (b"\x1b[A", Key::Up),
        (b"\x1b[B", Key::Down),
        (b"\x1bOA", Key::Up),
        (b"\x1bOB", Key::Down),
        (b"\x1b[5~", Key::PageUp),
        (b"\x1b[6~", Key::PageDown),
        (b"k", Key::Up),
        (b"j", Key::Down),
        (b" ", Key::PageDown),
        (b"\t", Key::Next),
        (b"q", Key::Quit),
        (b"\x03", Key::Quit),
    ];
    let mut keys = Vec::new();
    while !bytes.is_empty() {
        match KNOWN.iter().find(|(text, _)| bytes.starts_with(text)) {
            Some((text, key)) => {
                keys.push(*key);
                bytes = &bytes[text.len()..];
            }
            None => bytes = &bytes[1..],
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_letters() {
        assert_eq!(read(b"\x1b[A\x1b[6~x\tq"), [Key::Up, Key::PageDown, Key::Next, Key::Quit]);
        assert_eq!(read(b"\x03"), [Key::Quit]);
        assert!(read(b"\x1b").is_empty());
    }
}

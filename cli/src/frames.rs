//! Frames of a file that is followed: JSON values without anything between them, their bytes in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Bytes of a frame that has not arrived as a whole; the agent's frames are far smaller.
const OPEN_MAX: usize = 4 << 20;

/// A piece of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its bytes; none in a heartbeat.
    pub data: Vec<u8>,
    /// `file truncated`, `file deleted`; mostly empty.
    pub event: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Wire {
    data: Option<String>,
    file_event: String,
}

/// Frames that arrive in pieces.
#[derive(Debug, Default)]
pub struct Frames {
    open: Vec<u8>,
}

impl Frames {
    /// The frames that are whole now, heartbeats left out. An error is what arrived being no frame.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, String> {
        self.open.extend_from_slice(bytes);
        let mut values = serde_json::Deserializer::from_slice(&self.open).into_iter::<Wire>();
        let mut frames = Vec::new();
        for value in values.by_ref() {
            match value {
                Ok(wire) => frames.push(decoded(wire)?),
                Err(error) if error.is_eof() => break,
                Err(error) => return Err(format!("decoding a frame: {error}")),
            }
        }
        let read = values.byte_offset();
        // Behind an error the offset stands where the unfinished value begins.
        self.open.drain(..read.min(self.open.len()));
        if self.open.len() > OPEN_MAX {
            return Err(format!("a frame is larger than {OPEN_MAX} bytes"));
        }
        frames.retain(|frame| *frame != Frame::default());
        Ok(frames)
    }
}

fn decoded(wire: Wire) -> Result<Frame, String> {
    let data = STANDARD
        .decode(wire.data.unwrap_or_default())
        .map_err(|error| format!("decoding a frame: {error}"))?;
    Ok(Frame { data, event: wire.file_event })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_in_any_pieces() {
        let text = br#"{}{"Data":"b25l","File":"a","Offset":3}{}{"FileEvent":"file deleted"}"#;
        for size in 1..text.len() {
            let mut frames = Frames::default();
            let mut all = Vec::new();
            for piece in text.chunks(size) {
                all.extend(frames.push(piece).unwrap());
            }
            let frame = |data: &[u8], event: &str| Frame { data: data.to_vec(), event: event.to_owned() };
            assert_eq!(all, [frame(b"one", ""), frame(b"", "file deleted")], "in pieces of {size}");
        }
        assert!(Frames::default().push(b"no frame").is_err());
        assert!(Frames::default().push(br#"{"Data":"!"}"#).is_err());
    }
}

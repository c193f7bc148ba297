//! What a file is, told from its first bytes, as browsers and Go's HTTP server tell it.

/// Bytes that are looked at.
pub(crate) const LOOK_AT: usize = 512;

const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// First bytes and what they mean.
const MAGIC: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xfe\xff", "text/plain; charset=utf-16be"),
    (b"\xff\xfe", "text/plain; charset=utf-16le"),
    (b"\xef\xbb\xbf", TEXT),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x00\x00\x02\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"ttcf", "font/collection"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x1f\x8b\x08", "application/x-gzip"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1a\x07\x00", "application/x-rar-compressed"),
    (b"Rar!\x1a\x07\x01\x00", "application/x-rar-compressed"),
    (b"\x00asm", "application/wasm"),
];

/// Beginnings of HTML after blanks, whatever their case; a blank or `>` has to follow.
const HTML: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<!--",
];

/// Tells the type of a file that begins with `bytes`.
pub(crate) fn detect(bytes: &[u8]) -> &'static str {
    let bytes = bytes.get(..LOOK_AT).unwrap_or(bytes);
    let first = bytes.iter().position(|byte| !b"\t\n\x0c\r ".contains(byte)).unwrap_or(bytes.len());
    let trimmed = bytes.get(first..).unwrap_or_default();
    if HTML.iter().any(|tag| begins_with_tag(trimmed, tag)) {
        return "text/html; charset=utf-8";
    }
    if trimmed.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return kind;
    }
    if let Some(kind) = riff(bytes) {
        return kind;
    }
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if trimmed.iter().any(binary) { UNKNOWN } else { TEXT }
}

fn begins_with_tag(bytes: &[u8], tag: &str) -> bool {
    let Some((head, rest)) = bytes.split_at_checked(tag.len()) else {
        return false;
    };
    let ends = tag == "<!--" || rest.first().is_some_and(|byte| matches!(byte, b' ' | b'>'));
    head.eq_ignore_ascii_case(tag.as_bytes()) && ends
}

fn riff(bytes: &[u8]) -> Option<&'static str> {
    match (bytes.get(..4)?, bytes.get(8..)?) {
        (b"RIFF", rest) if rest.starts_with(b"WEBPVP") => Some("image/webp"),
        (b"RIFF", rest) if rest.starts_with(b"WAVE") => Some("audio/wave"),
        (b"RIFF", rest) if rest.starts_with(b"AVI ") => Some("video/avi"),
        (b"FORM", rest) if rest.starts_with(b"AIFF") => Some("audio/aiff"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let cases: &[(&[u8], &str)] = &[
            (b"", TEXT),
            (b"0123456789", TEXT),
            (b"{\"a\": 1}", TEXT),
            (b" \n<HTML >", "text/html; charset=utf-8"),
            (b"<html5", TEXT),
            (b"\x89PNG\r\n\x1a\nrest", "image/png"),
            (b"\x7fELF\x02\x01\x01\x00", UNKNOWN),
            (b"RIFF1234WAVEfmt", "audio/wave"),
            ("grüße".as_bytes(), TEXT),
        ];
        for (bytes, expected) in cases {
            assert_eq!(detect(bytes), *expected, "{bytes:?}");
        }
    }
}

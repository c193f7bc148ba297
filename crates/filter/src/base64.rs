//! Bytes in JSON: base64 with the standard alphabet. Trusts that texts are well formed; a foreign character ends one.

/// How many bytes a text stands for.
pub(crate) fn length(text: &str) -> usize {
    text.trim_end_matches('=').len() * 6 / 8
}

/// One byte, without reading those before it.
pub(crate) fn byte(text: &str, index: usize) -> Option<u8> {
    let group = index / 3 * 4;
    let end = text.len().min(group + 4);
    decode(text.get(group..end)?).get(index % 3).copied()
}

/// All bytes.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u8);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(((bits >> count) & 0xff) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_agree_with_the_whole() {
        for (text, bytes) in [("", ""), ("aA==", "h"), ("aGU=", "he"), ("aGVs", "hel"), ("aGVsbG8=", "hello")]
        {
            assert_eq!(decode(text), bytes.as_bytes());
            assert_eq!(length(text), bytes.len());
            let single: Vec<u8> = (0..10).filter_map(|index| byte(text, index)).collect();
            assert_eq!(single, bytes.as_bytes());
        }
    }
}

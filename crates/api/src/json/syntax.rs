//! Words a syntax error as Go's scanner words it.
//!
//! The parser proper is `serde_json`; this walks a body that it refused once more, only to find the words.

/// Why `body` is no JSON.
pub(super) fn explain(body: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected EOF".to_owned();
    }
    let mut scanner = Scanner { rest: body };
    match scanner.value(0) {
        Err(Some(text)) => text,
        Err(None) => "unexpected EOF".to_owned(),
        Ok(()) => error.to_string(),
    }
}

const DEPTH_MAX: usize = 128;

struct Scanner<'a> {
    rest: &'a [u8],
}

/// `Err(None)` is the end of the input.
type Scan = Result<(), Option<String>>;

impl Scanner<'_> {
    fn peek(&mut self) -> Result<u8, Option<String>> {
        let blanks = self.rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.rest = &self.rest[blanks..];
        self.rest.first().copied().ok_or(None)
    }

    fn step(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn wrong(&self, byte: u8, context: &str) -> Scan {
        let shown = match byte {
            b'\'' => r"'\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            0x20..=0x7e => format!("'{}'", char::from(byte)),
            b'\n' => r"'\n'".to_owned(),
            b'\r' => r"'\r'".to_owned(),
            b'\t' => r"'\t'".to_owned(),
            0x80..=0xff => format!("'{}'", char::from(byte)),
            _ => format!("'\\x{byte:02x}'"),
        };
        Err(Some(format!("invalid character {shown} {context}")))
    }

    fn value(&mut self, depth: usize) -> Scan {
        if depth > DEPTH_MAX {
            return Err(Some("exceeded max depth".to_owned()));
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            b'-' | b'0'..=b'9' => self.number(),
            other => self.wrong(other, "looking for beginning of value"),
        }
    }

    fn object(&mut self, depth: usize) -> Scan {
        self.step();
        if self.peek()? == b'}' {
            self.step();
            return Ok(());
        }
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                other => return self.wrong(other, "looking for beginning of object key string"),
            }
            match self.peek()? {
                b':' => self.step(),
                other => return self.wrong(other, "after object key"),
            };
            self.value(depth + 1)?;
            match self.peek()? {
                b',' => self.step(),
                b'}' => {
                    self.step();
                    return Ok(());
                }
                other => return self.wrong(other, "after object key:value pair"),
            };
        }
    }

    fn array(&mut self, depth: usize) -> Scan {
        self.step();
        if self.peek()? == b']' {
            self.step();
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            match self.peek()? {
                b',' => self.step(),
                b']' => {
                    self.step();
                    return Ok(());
                }
                other => return self.wrong(other, "after array element"),
            };
        }
    }

    fn string(&mut self) -> Scan {
        self.step();
        loop {
            match self.step().ok_or(None)? {
                b'"' => return Ok(()),
                b'\\' => match self.step().ok_or(None)? {
                    b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => {}
                    b'u' => self.hex()?,
                    other => return self.wrong(other, "in string escape code"),
                },
                byte @ 0..0x20 => return self.wrong(byte, "in string literal"),
                _ => {}
            }
        }
    }

    fn hex(&mut self) -> Scan {
        for _ in 0..4 {
            let byte = self.step().ok_or(None)?;
            if !byte.is_ascii_hexdigit() {
                return self.wrong(byte, "in \\u hexadecimal character escape");
            }
        }
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Scan {
        for expected in word.bytes() {
            let byte = self.step().ok_or(None)?;
            if byte != expected {
                return self
                    .wrong(byte, &format!("in literal {word} (expecting '{}')", char::from(expected)));
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Scan {
        if self.rest.first() == Some(&b'-') {
            self.step();
            let byte = *self.rest.first().ok_or(None)?;
            if !byte.is_ascii_digit() {
                return self.wrong(byte, "in numeric literal");
            }
        }
        while self.rest.first().is_some_and(|byte| b"0123456789+-.eE".contains(byte)) {
            self.step();
        }
        Ok(())
    }
}

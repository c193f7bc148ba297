//! Writing JSON with Go's numbers.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::number;

/// Writes everything as another formatter does, but numbers with a fraction in one of the forms of [`crate::number`].
#[derive(Debug, Clone)]
pub struct Numbers<F> {
    inner: F,
    form: fn(f64) -> String,
}

impl<F: Formatter> Numbers<F> {
    /// As the JSON that programs print.
    pub fn printed(inner: F) -> Self {
        Numbers { inner, form: number::printed }
    }

    /// As the answers of servers.
    pub fn answered(inner: F) -> Self {
        Numbers { inner, form: number::answered }
    }
}

macro_rules! same {
    ($($method:ident ($($name:ident: $ty:ty),*)),+ $(,)?) => {
        $(fn $method<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $name: $ty)*) -> io::Result<()> {
            self.inner.$method(writer $(, $name)*)
        })+
    };
}

impl<F: Formatter> Formatter for Numbers<F> {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all((self.form)(value).as_bytes())
    }

    same! {
        begin_array(), end_array(), begin_array_value(first: bool), end_array_value(),
        begin_object(), end_object(), begin_object_key(first: bool), end_object_key(),
        begin_object_value(), end_object_value(),
    }
}

/// A value as servers answer it: in one line, or indented by four blanks and with a line feed at the end.
///
/// # Errors
/// A map whose keys are no texts.
pub fn to_vec<T: Serialize + ?Sized>(value: &T, pretty: bool) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::with_capacity(512);
    if pretty {
        let indent = PrettyFormatter::with_indent(b"    ");
        value.serialize(&mut Serializer::with_formatter(&mut bytes, Numbers::answered(indent)))?;
        bytes.push(b'\n');
    } else {
        value.serialize(&mut Serializer::with_formatter(&mut bytes, Numbers::answered(CompactFormatter)))?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_have_the_form_of_their_place() {
        let value = json!({ "a": [1.0, 2], "b": 1e-7 });
        assert_eq!(to_vec(&value, false).unwrap(), br#"{"a":[1.0,2],"b":1e-07}"#);
        let indented = "{\n    \"a\": [\n        1.0,\n        2\n    ],\n    \"b\": 1e-07\n}\n";
        assert_eq!(String::from_utf8(to_vec(&value, true).unwrap()).unwrap(), indented);
        let mut bytes = Vec::new();
        let printed = Numbers::printed(CompactFormatter);
        value.serialize(&mut Serializer::with_formatter(&mut bytes, printed)).unwrap();
        assert_eq!(bytes, br#"{"a":[1,2],"b":1e-7}"#);
    }
}

//! MessagePack as `rmp-serde` writes structs by name, but without the fields whose value is blank.
//!
//! Two thirds of a job's bytes were names of fields that say nothing; log, tables, snapshots and start carry them
//! all. `docs/adr/0007` has the figures. The reader is `rmp-serde` itself: a field that is missing takes its default.

use rmp::encode;
use serde::ser::{self, Serialize, Serializer};

use super::blank::is_blank;

/// Writes into a buffer, which only memory can refuse.
pub(super) struct Writer<'a> {
    pub(super) to: &'a mut Vec<u8>,
}

/// What cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error("a sequence without a length")]
    NoLength,
    #[error("{0}")]
    Custom(String),
}

impl ser::Error for WriteError {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        WriteError::Custom(text.to_string())
    }
}

type Written = Result<(), WriteError>;

/// A struct under way: its header is patched once the fields that say something are counted.
pub(super) struct Fields<'a> {
    to: &'a mut Vec<u8>,
    header: usize,
    count: u8,
}

fn length(len: Option<usize>) -> Result<u32, WriteError> {
    len.and_then(|len| u32::try_from(len).ok()).ok_or(WriteError::NoLength)
}

/// Nothing that is written into a vector fails.
fn sure<T, E: std::fmt::Debug>(written: Result<T, E>) -> Written {
    written.map(drop).map_err(|error| WriteError::Custom(format!("{error:?}")))
}

impl<'a> Writer<'a> {
    fn variant(&mut self, name: &str) -> Written {
        sure(encode::write_map_len(self.to, 1))?;
        sure(encode::write_str(self.to, name))
    }

    /// MAP16, whatever the count: two bytes more than the shortest form, and nothing has to move afterwards.
    fn fields(self) -> Fields<'a> {
        let header = self.to.len();
        self.to.extend_from_slice(&[0xde, 0, 0]);
        Fields { to: self.to, header, count: 0 }
    }
}

macro_rules! numbers {
    ($($method:ident($ty:ty) => $write:ident as $as:ty),+ $(,)?) => {
        $(fn $method(self, value: $ty) -> Written {
            sure(encode::$write(self.to, <$as>::from(value)))
        })+
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Writer<'a>;
    type SerializeTuple = Writer<'a>;
    type SerializeTupleStruct = Writer<'a>;
    type SerializeTupleVariant = Writer<'a>;
    type SerializeMap = Writer<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    numbers! {
        serialize_bool(bool) => write_bool as bool,
        serialize_i8(i8) => write_sint as i64,
        serialize_i16(i16) => write_sint as i64,
        serialize_i32(i32) => write_sint as i64,
        serialize_i64(i64) => write_sint as i64,
        serialize_u8(u8) => write_uint as u64,
        serialize_u16(u16) => write_uint as u64,
        serialize_u32(u32) => write_uint as u64,
        serialize_u64(u64) => write_uint as u64,
        serialize_f32(f32) => write_f32 as f32,
        serialize_f64(f64) => write_f64 as f64,
    }

    fn serialize_char(self, value: char) -> Written {
        sure(encode::write_str(self.to, value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Written {
        sure(encode::write_str(self.to, value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        sure(encode::write_bin(self.to, value))
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        sure(encode::write_nil(self.to))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        sure(encode::write_array_len(self.to, 0))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.variant(variant)?;
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, WriteError> {
        sure(encode::write_array_len(self.to, length(len)?))?;
        Ok(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self, WriteError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Self, WriteError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self, WriteError> {
        self.variant(variant)?;
        self.serialize_seq(Some(len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self, WriteError> {
        sure(encode::write_map_len(self.to, length(len)?))?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, WriteError> {
        Ok(self.fields())
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, WriteError> {
        self.variant(variant)?;
        Ok(self.fields())
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl Writer<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(Writer { to: self.to })
    }
}

macro_rules! elements {
    ($($of:ident { $($method:ident),+ })+) => {
        $(impl ser::$of for Writer<'_> {
            type Ok = ();
            type Error = WriteError;

            $(fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.element(value)
            })+

            fn end(self) -> Written {
                Ok(())
            }
        })+
    };
}

elements! {
    SerializeSeq { serialize_element }
    SerializeTuple { serialize_element }
    SerializeTupleStruct { serialize_field }
    SerializeTupleVariant { serialize_field }
    SerializeMap { serialize_key, serialize_value }
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        self.count += 1;
        sure(encode::write_str(self.to, name))?;
        value.serialize(Writer { to: self.to })
    }

    fn close(self) -> Written {
        if let Some(count) = self.to.get_mut(self.header + 2) {
            *count = self.count;
        }
        Ok(())
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        if is_blank(value) { Ok(()) } else { self.field(name, value) }
    }

    fn end(self) -> Written {
        self.close()
    }
}

/// Variants have no default to fall back to, so all of their fields are written.
impl ser::SerializeStructVariant for Fields<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        self.field(name, value)
    }

    fn end(self) -> Written {
        self.close()
    }
}

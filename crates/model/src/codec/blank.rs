//! Tells whether a value is what its type's `Default` gives: false, 0, empty, `None`, or a struct of nothing else.
//!
//! An enum is never blank, because nothing here knows which of its variants is the default one.

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

/// True when decoding gives the same value back where this one is left out.
pub(super) fn is_blank<T: Serialize + ?Sized>(value: &T) -> bool {
    value.serialize(Blank { nil_id: false }).is_ok()
}

/// The value is not blank: the rest of it need not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("not blank")]
pub(super) struct NotBlank;

impl serde::ser::Error for NotBlank {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        NotBlank
    }
}

#[derive(Clone, Copy)]
struct Blank {
    /// Inside a newtype, where sixteen zero bytes are an id that names nothing.
    nil_id: bool,
}

fn blank_if(blank: bool) -> Result<(), NotBlank> {
    if blank { Ok(()) } else { Err(NotBlank) }
}

macro_rules! numbers {
    ($($method:ident: $ty:ty),+) => {
        $(fn $method(self, value: $ty) -> Result<(), NotBlank> {
            blank_if(value == <$ty>::default())
        })+
    };
}

impl Serializer for Blank {
    type Ok = ();
    type Error = NotBlank;
    type SerializeSeq = Blank;
    type SerializeTuple = Blank;
    type SerializeTupleStruct = Impossible<(), NotBlank>;
    type SerializeTupleVariant = Impossible<(), NotBlank>;
    type SerializeMap = Blank;
    type SerializeStruct = Blank;
    type SerializeStructVariant = Impossible<(), NotBlank>;

    numbers! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    // Minus zero equals zero and is not the same: its bits count.
    fn serialize_f32(self, value: f32) -> Result<(), NotBlank> {
        blank_if(value.to_bits() == 0)
    }

    fn serialize_f64(self, value: f64) -> Result<(), NotBlank> {
        blank_if(value.to_bits() == 0)
    }

    fn serialize_char(self, _: char) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn serialize_str(self, value: &str) -> Result<(), NotBlank> {
        blank_if(value.is_empty())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), NotBlank> {
        blank_if(value.is_empty() || (self.nil_id && value == [0; 16]))
    }

    fn serialize_none(self) -> Result<(), NotBlank> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn serialize_unit(self) -> Result<(), NotBlank> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), NotBlank> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), NotBlank> {
        value.serialize(Blank { nil_id: true })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Blank, NotBlank> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Blank, NotBlank> {
        Ok(Blank { nil_id: false })
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Impossible<(), NotBlank>, NotBlank> {
        Err(NotBlank)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), NotBlank>, NotBlank> {
        Err(NotBlank)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Blank, NotBlank> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Blank, NotBlank> {
        Ok(Blank { nil_id: false })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), NotBlank>, NotBlank> {
        Err(NotBlank)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl SerializeSeq for Blank {
    type Ok = ();
    type Error = NotBlank;

    // An element, even a blank one, is something.
    fn serialize_element<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn end(self) -> Result<(), NotBlank> {
        Ok(())
    }
}

impl SerializeTuple for Blank {
    type Ok = ();
    type Error = NotBlank;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotBlank> {
        value.serialize(*self)
    }

    fn end(self) -> Result<(), NotBlank> {
        Ok(())
    }
}

impl SerializeMap for Blank {
    type Ok = ();
    type Error = NotBlank;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), NotBlank> {
        Err(NotBlank)
    }

    fn end(self) -> Result<(), NotBlank> {
        Ok(())
    }
}

impl SerializeStruct for Blank {
    type Ok = ();
    type Error = NotBlank;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), NotBlank> {
        value.serialize(*self)
    }

    fn end(self) -> Result<(), NotBlank> {
        Ok(())
    }
}

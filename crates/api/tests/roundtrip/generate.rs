//! Any value of any type that can be decoded: the type itself says what it wants to read, and gets something.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// Elements of a list or map at most.
const ELEMENTS: u64 = 3;
/// From this depth on nothing is added that can be left out.
const DEPTH: u32 = 14;
/// Texts of users that are more than letters.
const STRANGE: [&str; 6] = ["", " ", "ü字\u{1F600}", "a\"b\\c", "line\nfeed\t\0", "${attr.kernel.name}"];

/// Draws numbers until it has drawn as many as it was given; then there is nothing but zeros.
pub(crate) struct Source {
    state: u64,
    left: usize,
    /// Texts are such that they can stand for bytes in base64.
    plain: bool,
    depth: u32,
}

/// Why there is no value.
#[derive(Debug)]
pub(crate) struct Unmade(String);

impl fmt::Display for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unmade {}

impl de::Error for Unmade {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Unmade(text.to_string())
    }
}

/// A value that `seed` decides on, of about `size` parts.
pub(crate) fn value<T: DeserializeOwned>(seed: u64, size: usize) -> T {
    let make = |plain| {
        let mut source = Source { state: seed, left: size, plain, depth: 0 };
        T::deserialize(&mut source)
    };
    // Where bytes are among the texts, strange ones do not do.
    make(seed.is_multiple_of(2)).or_else(|_| make(true)).expect("something can be made of every type")
}

impl Source {
    /// The next number (splitmix64).
    fn draw(&mut self) -> u64 {
        if self.left == 0 {
            return 0;
        }
        self.left -= 1;
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit
    }

    fn count(&mut self) -> u64 {
        if self.depth > DEPTH { 0 } else { self.below(ELEMENTS) }
    }

    /// Small numbers mostly, and sometimes the largest.
    fn number(&mut self, max: u64) -> u64 {
        match self.below(6) {
            0 => 0,
            1 => max,
            2 => self.draw() % max.max(1),
            _ => self.below(200).min(max),
        }
    }

    fn text(&mut self) -> String {
        let strange = self.below(4);
        if strange == 3 && !self.plain {
            return STRANGE[self.below(STRANGE.len() as u64) as usize].to_owned();
        }
        // Four at a time: whole words of base64.
        (0..self.below(3) * 4).map(|_| char::from(b'a' + self.below(26) as u8)).collect()
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $ty:ty),+ $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
            let negative = <$ty>::MIN != 0 && self.below(4) == 1;
            let number = self.number(<$ty>::MAX as u64) as $ty;
            visitor.$visit(if negative { (0 as $ty).wrapping_sub(number) } else { number })
        })+
    };
}

impl<'de> de::Deserializer<'de> for &mut Source {
    type Error = Unmade;

    /// What takes values of several kinds says so in words of its own.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        match Expected(&visitor).to_string().as_str() {
            "bool" => self.deserialize_bool(visitor),
            "time.Duration" => self.deserialize_i64(visitor),
            _ => match self.below(8) {
                0 => self.deserialize_map(visitor),
                1 => self.deserialize_seq(visitor),
                2 => self.deserialize_bool(visitor),
                3 => visitor.visit_f64(self.below(1000) as f64 / 8.0 + 0.0625),
                4 => visitor.visit_i64(-(self.below(1 << 50) as i64)),
                5 => visitor.visit_u64(self.below(1 << 50)),
                _ => visitor.visit_string(self.text()),
            },
        }
    }

    numbers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_f32(self.below(1000) as f32 / 8.0)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        // Eighths are the same in every notation.
        visitor.visit_f64(self.below(1 << 30) as f64 / 8.0 - 1000.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_bool(self.below(2) == 1)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_char('c')
    }

    /// Only ids are read so.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        let (high, low) = (self.draw(), self.draw());
        let digits = format!("{high:016x}{low:016x}");
        visitor.visit_string(digits)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_string(self.text())
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_byte_buf((0..self.below(9)).map(|_| self.draw() as u8).collect())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        // What may be left out is there more often than not.
        if self.depth > DEPTH || self.below(4) == 0 { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        let left = self.count();
        visitor.visit_seq(Parts::of(self, left, &[]))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_seq(Parts::of(self, length as u64, &[]))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        let left = self.count();
        visitor.visit_map(Parts::of(self, left, &[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        visitor.visit_map(Parts::of(self, fields.len() as u64, fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        let chosen = variants[self.below(variants.len() as u64) as usize];
        visitor.visit_enum(Chosen { source: self, chosen })
    }

    forward_to_deserialize_any! { i128 u128 identifier ignored_any }
}

/// What a visitor waits for.
struct Expected<'a, V>(&'a V);

impl<'de, V: Visitor<'de>> fmt::Display for Expected<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

/// The elements of a list or map, or the fields of a struct.
struct Parts<'a> {
    source: &'a mut Source,
    left: u64,
    fields: &'static [&'static str],
}

impl<'a> Parts<'a> {
    fn of(source: &'a mut Source, left: u64, fields: &'static [&'static str]) -> Self {
        Parts { source, left, fields }
    }

    fn deeper<T>(&mut self, make: impl FnOnce(&mut Source) -> Result<T, Unmade>) -> Result<T, Unmade> {
        self.source.depth += 1;
        let made = make(self.source);
        self.source.depth -= 1;
        made
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Unmade;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unmade> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.deeper(|source| seed.deserialize(source).map(Some))
    }
}

impl<'de> MapAccess<'de> for Parts<'_> {
    type Error = Unmade;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unmade> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        match self.fields.split_first() {
            None => seed.deserialize(&mut *self.source).map(Some),
            Some((field, rest)) => {
                self.fields = rest;
                seed.deserialize(de::value::StrDeserializer::new(field)).map(Some)
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unmade> {
        self.deeper(|source| seed.deserialize(source))
    }
}

/// One variant of an enum.
struct Chosen<'a> {
    source: &'a mut Source,
    chosen: &'static str,
}

impl<'de> EnumAccess<'de> for Chosen<'_> {
    type Error = Unmade;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unmade> {
        let variant = seed.deserialize(de::value::StrDeserializer::<Unmade>::new(self.chosen))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Chosen<'_> {
    type Error = Unmade;

    fn unit_variant(self) -> Result<(), Unmade> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unmade> {
        seed.deserialize(self.source)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Unmade> {
        de::Deserializer::deserialize_tuple(self.source, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        de::Deserializer::deserialize_struct(self.source, "", fields, visitor)
    }
}

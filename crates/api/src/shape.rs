//! One macro gives a documented shape its names: every field is written once, beside the name it has on the wire.
//! Fields stand in the order of those names, because the original's encoder sorts them. A field that ends in
//! `= empty` is left out while it says nothing. A field of one type `as` another is carried as the first and looks
//! like the second, for the document that describes it.

use std::collections::BTreeMap;

macro_rules! shape {
    ($($(#[$doc:meta])* $name:ident { $($wire:literal $field:ident: $ty:ty $(as $shown:ty)? $(= $omit:ident)?),* $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            #[serde(default)]
            pub struct $name {
                $(
                    #[doc = concat!("`", $wire, "` of the documented object.")]
                    #[serde(rename = $wire)]
                    $(
                        #[doc = concat!("Left out while ", stringify!($omit), ".")]
                        #[serde(skip_serializing_if = "crate::shape::Blank::blank")]
                    )?
                    pub $field: $ty,
                )*
            }
            impl model::described::Described for $name {
                fn schema(book: &mut model::described::Book) -> serde_json::Value {
                    book.object(concat!(module_path!(), "::", stringify!($name)), |_book, _fields| {
                        $(_fields.add(
                            $wire,
                            crate::shape::schema_of!(_book, $ty $(, $shown)?),
                            crate::shape::always!($($omit)?),
                        );)*
                    })
                }
            }
        )+
    };
}
pub(crate) use shape;

/// The schema of a field: of what it looks like, where that is said.
macro_rules! schema_of {
    ($book:ident, $ty:ty) => {
        <$ty as model::described::Described>::schema($book)
    };
    ($book:ident, $ty:ty, $shown:ty) => {
        <$shown as model::described::Described>::schema($book)
    };
}
pub(crate) use schema_of;

/// Whether an answer always has a field.
macro_rules! always {
    () => {
        true
    };
    ($omit:ident) => {
        false
    };
}
pub(crate) use always;

/// Whether a value says nothing, as the original's encoder sees it.
pub(crate) trait Blank {
    fn blank(&self) -> bool;
}

impl Blank for String {
    fn blank(&self) -> bool {
        self.is_empty()
    }
}

impl Blank for bool {
    fn blank(&self) -> bool {
        !*self
    }
}

impl Blank for i64 {
    fn blank(&self) -> bool {
        *self == 0
    }
}

impl Blank for u64 {
    fn blank(&self) -> bool {
        *self == 0
    }
}

impl<T> Blank for Option<T> {
    fn blank(&self) -> bool {
        self.is_none()
    }
}

impl<T> Blank for Vec<T> {
    fn blank(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Blank for BTreeMap<K, V> {
    fn blank(&self) -> bool {
        self.is_empty()
    }
}

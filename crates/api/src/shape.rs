//! One macro gives a documented shape its names: every field is written once, beside the name it has on the wire.
//! Fields stand in the order of those names, because the original's encoder sorts them. A field that ends in
//! `= empty` is left out while it says nothing.

use std::collections::BTreeMap;

macro_rules! shape {
    ($($(#[$doc:meta])* $name:ident { $($wire:literal $field:ident: $ty:ty $(= $omit:ident)?),* $(,)? })+) => {
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
                    book.object(concat!(module_path!(), "::", stringify!($name)), |_book| {
                        let mut _fields = serde_json::Map::new();
                        $(_fields.insert(
                            $wire.to_owned(),
                            <$ty as model::described::Described>::schema(_book),
                        );)*
                        _fields.into()
                    })
                }
            }
        )+
    };
}
pub(crate) use shape;

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

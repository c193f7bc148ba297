//! One macro gives a documented shape its names: every field is written once, beside the name it has on the wire.
//! Fields stand in the order of those names, because the original's encoder sorts them.

macro_rules! shape {
    ($($(#[$doc:meta])* $name:ident { $($wire:literal $field:ident: $ty:ty),* $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            #[serde(default)]
            pub struct $name {
                $(
                    #[doc = concat!("`", $wire, "` of the documented object.")]
                    #[serde(rename = $wire)]
                    pub $field: $ty,
                )*
            }
        )+
    };
}
pub(crate) use shape;

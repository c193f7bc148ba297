//! What names and descriptions of namespaces and node pools may look like.

/// Longest name, characters.
pub const NAME_MAX: usize = 128;
/// Longest description, bytes.
pub const DESCRIPTION_MAX: usize = 256;

/// Why a name or description is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NamedFault {
    /// The name is empty, too long or has characters that names may not have.
    #[error("invalid name")]
    Name,
    /// The description is too long.
    #[error("description longer than {DESCRIPTION_MAX}")]
    Description,
}

/// Looks at a name: letters, digits and hyphens, and underscores where they are allowed.
///
/// # Errors
/// [`NamedFault::Name`].
pub fn check_name(name: &str, underscores: bool) -> Result<(), NamedFault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || (underscores && c == '_');
    let good = !name.is_empty() && name.len() <= NAME_MAX && name.chars().all(fits);
    if good { Ok(()) } else { Err(NamedFault::Name) }
}

/// Looks at a description.
///
/// # Errors
/// [`NamedFault::Description`].
pub fn check_description(text: &str) -> Result<(), NamedFault> {
    if text.len() <= DESCRIPTION_MAX { Ok(()) } else { Err(NamedFault::Description) }
}

//! What the caller decides: values of variables, files, and where random numbers come from.

/// Access to files for the functions that want it. The command line has it, the API has not.
pub struct Files<'a> {
    /// The bytes of a file.
    pub read: &'a dyn Fn(&str) -> Result<Vec<u8>, FileError>,
    /// Whether there is a regular file of this name.
    pub exists: &'a dyn Fn(&str) -> Result<bool, String>,
    /// All files under a directory as paths relative to it, for patterns to choose from.
    pub list: &'a dyn Fn(&str) -> Result<Vec<String>, String>,
    /// The working directory, with which relative paths become absolute.
    pub directory: &'a str,
    /// The home directory that `~` stands for.
    pub home: &'a str,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// There is none of this name.
    Missing,
    /// Anything else, in words.
    Other(String),
}

/// A value for a variable, from outside of the job file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `NOMAD_VAR_name=value`.
    Environment {
        /// The name behind `NOMAD_VAR_`.
        name: String,
        /// The text of the value.
        value: String,
    },
    /// The text of a file of values, HCL or JSON.
    File {
        /// The name shown in diagnostics.
        name: String,
        /// The text.
        text: String,
    },
    /// `-var name=value`.
    Argument {
        /// The name.
        name: String,
        /// The text of the value.
        value: String,
    },
}

/// How a job file is read.
pub struct Options<'a> {
    /// Values of variables; a later one wins over an earlier one of its kind, arguments win over files, and files over
    /// the environment.
    pub given: Vec<Given>,
    /// Whether values for variables that the file does not declare are an error (the environment never is).
    pub undeclared_is_error: bool,
    /// Access to files; without it the functions that want them fail.
    pub files: Option<Files<'a>>,
    /// Sixteen random bytes, for `uuidv4` and `bcrypt`.
    pub mint: &'a dyn Fn() -> [u8; 16],
}

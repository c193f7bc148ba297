//! Reading a driver's configuration out of a job, strictly: an option that nobody reads is an error with its name.

use std::collections::BTreeMap;

use model::go_duration;
use serde_json::Value;

/// A configuration that a driver refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// Nobody knows this option.
    #[error("{driver}: unknown option {option:?}")]
    Unknown { driver: &'static str, option: String },
    /// The original knows it, we do not honour it.
    #[error("{driver}: option {option:?} is not built yet")]
    NotBuilt { driver: &'static str, option: String },
    /// It has to be there.
    #[error("{driver}: option {option:?} is required")]
    Missing { driver: &'static str, option: &'static str },
    /// It has another type.
    #[error("{driver}: option {option:?} has to be {expected}")]
    Type { driver: &'static str, option: &'static str, expected: &'static str },
}

/// One configuration, read option by option.
pub(crate) struct ConfigReader<'a> {
    driver: &'static str,
    config: &'a BTreeMap<String, Value>,
}

impl<'a> ConfigReader<'a> {
    /// Opens a configuration and refuses options outside of `known`, those in `not_built` with a word of their own.
    pub(crate) fn open(
        driver: &'static str,
        config: &'a BTreeMap<String, Value>,
        known: &[&str],
        not_built: &[&str],
    ) -> Result<Self, ConfigError> {
        for option in config.keys() {
            if not_built.contains(&option.as_str()) {
                return Err(ConfigError::NotBuilt { driver, option: option.clone() });
            }
            if !known.contains(&option.as_str()) {
                return Err(ConfigError::Unknown { driver, option: option.clone() });
            }
        }
        Ok(ConfigReader { driver, config })
    }

    fn get(&self, option: &str) -> Option<&'a Value> {
        self.config.get(option).filter(|value| !value.is_null())
    }

    fn wrong<T>(&self, option: &'static str, expected: &'static str) -> Result<T, ConfigError> {
        Err(ConfigError::Type { driver: self.driver, option, expected })
    }

    /// A text; empty when absent.
    pub(crate) fn text(&self, option: &'static str) -> Result<String, ConfigError> {
        match self.get(option) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => self.wrong(option, "a string"),
        }
    }

    /// A text that has to be there.
    pub(crate) fn required_text(&self, option: &'static str) -> Result<String, ConfigError> {
        match self.text(option)? {
            text if text.is_empty() => Err(ConfigError::Missing { driver: self.driver, option }),
            text => Ok(text),
        }
    }

    /// A list of texts; numbers and booleans in it count as their text.
    pub(crate) fn texts(&self, option: &'static str) -> Result<Vec<String>, ConfigError> {
        let items = match self.get(option) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return self.wrong(option, "a list of strings"),
        };
        let text = |item: &Value| match item {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        };
        items
            .iter()
            .map(text)
            .collect::<Option<_>>()
            .map_or_else(|| self.wrong(option, "a list of strings"), Ok)
    }

    /// A whole number, also as text.
    pub(crate) fn number(&self, option: &'static str) -> Result<i64, ConfigError> {
        let number = match self.get(option) {
            None => Some(0),
            Some(Value::Number(number)) => {
                number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
            }
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        number.map_or_else(|| self.wrong(option, "a number"), Ok)
    }

    /// A flag, also as text.
    pub(crate) fn flag(&self, option: &'static str) -> Result<bool, ConfigError> {
        match self.get(option) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(_) => self.wrong(option, "a boolean"),
        }
    }

    /// A Go duration such as `1m30s`, or nanoseconds; in ns.
    pub(crate) fn duration_ns(&self, option: &'static str) -> Result<i64, ConfigError> {
        let ns = match self.get(option) {
            None => Some(0),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => go_duration::parse(text).ok(),
            Some(_) => None,
        };
        ns.map_or_else(|| self.wrong(option, "a duration"), Ok)
    }
}

//! In which form variables are printed.

use crate::args::VarOut;
use crate::console::{Console, Failure};
use crate::{output, view};
use api::variables::VariableDecrypted;
use serde_json::{Value, json};

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Hcl,
    Table,
    /// Paths only.
    Terse,
    None,
    Template(String),
}

/// What `-out` may be for one variable.
pub(super) const ONE: &[&str] = &["go-template", "hcl", "json", "none", "table"];
/// And for a list.
pub(super) const LISTS: &[&str] = &["go-template", "json", "table", "terse"];

impl Form {
    /// The form that the flags ask for: without any, people get a table and programs get JSON.
    pub(super) fn of(flags: &VarOut, console: Console, known: &[&str]) -> Result<Form, String> {
        let default = if console.terminal() { "table" } else { "json" };
        let out = flags.out.as_deref().filter(|out| !out.is_empty()).unwrap_or(default);
        let template = flags.template.as_deref().unwrap_or_default();
        if !known.contains(&out) {
            return Err(format!("Invalid value for \"-out\"; valid values are [{}]", known.join(", ")));
        }
        if out == "go-template" {
            return match template {
                "" => Err("A template must be supplied using '-template' when using go-template formatting"
                    .to_owned()),
                template => Ok(Form::Template(template.to_owned())),
            };
        }
        if !template.is_empty() {
            return Err("The '-template' flag is only valid when using 'go-template' formatting".to_owned());
        }
        Ok(match out {
            "hcl" => Form::Hcl,
            "table" => Form::Table,
            "terse" => Form::Terse,
            "none" => Form::None,
            _ => Form::Json,
        })
    }
}

/// A value through a template.
pub(super) fn rendered(template: &str, value: &Value) -> Result<String, Failure> {
    output::render(template, value, "*api.Variable")
        .map_err(|error| Failure::new(format!("Error formatting the data: {error}")))
}

/// A variable in a form.
pub(super) fn print(console: Console, form: &Form, variable: &VariableDecrypted) -> Result<(), Failure> {
    match form {
        Form::Json => console.line(view::var::json(variable)),
        Form::Hcl => console.line(view::var::hcl(variable)),
        Form::Table => console.line(view::var::table(variable, |title| console.heading(title))),
        Form::Template(template) => console.line(rendered(template, &json!(variable))?),
        Form::None | Form::Terse => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_do_not_fit_are_refused() {
        let form = |out: Option<&str>, template: Option<&str>, known| {
            let flags = VarOut { out: out.map(str::to_owned), template: template.map(str::to_owned) };
            Form::of(&flags, Console::plain(), known)
        };
        assert_eq!(form(None, None, ONE), Ok(Form::Json));
        assert_eq!(form(Some("hcl"), None, ONE), Ok(Form::Hcl));
        assert_eq!(form(Some("go-template"), Some("x"), LISTS), Ok(Form::Template("x".to_owned())));
        for (out, template, known, why) in [
            (
                Some("xml"),
                None,
                ONE,
                "Invalid value for \"-out\"; valid values are [go-template, hcl, json, none, table]",
            ),
            (
                Some("hcl"),
                None,
                LISTS,
                "Invalid value for \"-out\"; valid values are [go-template, json, table, terse]",
            ),
            (
                Some("json"),
                Some("x"),
                ONE,
                "The '-template' flag is only valid when using 'go-template' formatting",
            ),
            (
                Some("go-template"),
                None,
                ONE,
                "A template must be supplied using '-template' when using go-template formatting",
            ),
        ] {
            assert_eq!(form(out, template, known), Err(why.to_owned()));
        }
    }
}

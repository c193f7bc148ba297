//! Characters that have no place in the language. They are reported before anything else.

use super::cursor::Parser;
use super::token::{Kind, Token};

impl Parser {
    pub(crate) fn check_tokens(&mut self, tokens: &[Token]) {
        let mut told: Vec<Kind> = Vec::new();
        for token in tokens {
            let once = matches!(
                token.kind,
                Kind::BitAnd
                    | Kind::BitOr
                    | Kind::BitXor
                    | Kind::BitNot
                    | Kind::Backtick
                    | Kind::Apostrophe
                    | Kind::Semicolon
            );
            if once && told.contains(&token.kind) {
                continue;
            }
            let Some((summary, detail)) = self.complaint(*token) else { continue };
            self.report(summary, &detail, token.range);
            told.push(token.kind);
        }
    }

    fn complaint(&self, token: Token) -> Option<(&'static str, String)> {
        const BITWISE: &str = "Bitwise operators are not supported.";
        const CHARACTER: &str = "Invalid character";
        let (summary, detail) = match token.kind {
            Kind::BitAnd => ("Unsupported operator", format!("{BITWISE} Did you mean boolean AND (\"&&\")?")),
            Kind::BitOr => ("Unsupported operator", format!("{BITWISE} Did you mean boolean OR (\"||\")?")),
            Kind::BitNot => ("Unsupported operator", format!("{BITWISE} Did you mean boolean NOT (\"!\")?")),
            Kind::BitXor => ("Unsupported operator", BITWISE.to_owned()),
            Kind::Backtick => (CHARACTER, "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, like \"<<EOT\".".to_owned()),
            Kind::Apostrophe => (CHARACTER, "Single quotes are not valid. Use double quotes (\") to enclose strings.".to_owned()),
            Kind::Semicolon => (CHARACTER, "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items in collection values.".to_owned()),
            Kind::QuotedNewline => ("Invalid multi-line string", "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.".to_owned()),
            Kind::Invalid if ["\u{201c}", "\u{201d}"].contains(&self.text(token.range)) => (CHARACTER, "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced when sharing code via documents or discussion forums. It might help to replace the character with a \"straight quote\".".to_owned()),
            Kind::Invalid => (CHARACTER, "This character is not used within the language.".to_owned()),
            _ => return None,
        };
        Some((summary, detail))
    }
}

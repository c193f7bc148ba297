//! Regular expressions and lists of versions in constraints: what is wrong with one, in the words of the libraries that
//! clients know.

use regex_syntax::ast::{self, Ast, ErrorKind, RepetitionKind, RepetitionRange, Visitor};

/// Most repetitions that one operator may ask for.
const REPETITIONS_MAX: u32 = 1000;

/// What is wrong with a pattern.
pub(super) fn fault(pattern: &str) -> Option<String> {
    let found = match literals_escaped(pattern) {
        Err(found) => found,
        Ok(pattern) => match ast::parse::Parser::new().parse(&pattern) {
            Ok(tree) => ast::visit(&tree, Repetitions(&pattern)).err()?,
            Err(error) => worded(&pattern, &error),
        },
    };
    Some(format!("error parsing regexp: {found}"))
}

fn worded(pattern: &str, error: &ast::Error) -> String {
    let (start, end) = (error.span().start.offset, error.span().end.offset);
    let part = pattern.get(start..end).unwrap_or(pattern);
    let (what, shown) = match error.kind() {
        ErrorKind::GroupUnclosed => ("missing closing )", pattern),
        ErrorKind::GroupUnopened => ("unexpected )", pattern),
        ErrorKind::ClassUnclosed => ("missing closing ]", pattern.get(start..).unwrap_or(pattern)),
        ErrorKind::RepetitionMissing => {
            let operator = pattern.get(start..=start).unwrap_or(pattern);
            ("missing argument to repetition operator", operator)
        }
        ErrorKind::RepetitionCountInvalid => ("invalid repeat count", part),
        ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral => {
            ("invalid character class range", part)
        }
        ErrorKind::UnicodeClassInvalid => ("invalid character class range", part),
        ErrorKind::EscapeUnexpectedEof => ("trailing backslash at end of expression", ""),
        ErrorKind::EscapeUnrecognized | ErrorKind::UnsupportedBackreference => {
            ("invalid escape sequence", part)
        }
        ErrorKind::UnsupportedLookAround | ErrorKind::FlagUnrecognized => {
            ("invalid or unsupported Perl syntax", part)
        }
        ErrorKind::GroupNameInvalid | ErrorKind::GroupNameEmpty | ErrorKind::GroupNameUnexpectedEof => {
            ("invalid named capture", part)
        }
        ErrorKind::GroupNameDuplicate { .. } => ("duplicate capture group name", part),
        ErrorKind::NestLimitExceeded(_) => ("expression nests too deeply", pattern),
        _ => ("invalid or unsupported Perl syntax", pattern),
    };
    format!("{what}: `{shown}`")
}

/// Names of classes that stand within brackets.
const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// The pattern with every bracket within a class escaped, because there it is itself unless it begins a named class, and
/// every brace that counts nothing. Refuses a name that nobody knows.
fn literals_escaped(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(letter) = rest.chars().next() {
        let named = in_class.then(|| rest.strip_prefix("[:")?.split_once(":]")).flatten();
        let taken = match (letter, named) {
            // The braces of an escape belong to it.
            ('\\', _) if ["p{", "P{", "x{"].iter().any(|start| rest[1..].starts_with(start)) => {
                rest.find('}').map_or(rest.len(), |end| end + 1)
            }
            ('\\', _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            ('{', None) if !in_class && !is_count(rest) => {
                out.push('\\');
                1
            }
            (_, Some((name, _))) if NAMED.contains(&name.trim_start_matches('^')) => name.len() + 4,
            (_, Some((name, _))) => return Err(format!("invalid character class range: `[:{name}:]`")),
            ('[', None) if in_class => {
                out.push('\\');
                1
            }
            ('[', None) => {
                in_class = true;
                // A bracket that stands first closes nothing.
                ["[^]", "[]"].iter().find(|start| rest.starts_with(**start)).map_or(1, |start| start.len())
            }
            (letter, None) => {
                in_class &= letter != ']';
                letter.len_utf8()
            }
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    Ok(out)
}

/// `{2}`, `{2,}` or `{2,3}`; any other brace is itself.
fn is_count(text: &str) -> bool {
    let Some((inner, _)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return false };
    let (least, most) = inner.split_once(',').unwrap_or((inner, "0"));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

/// Finds what the parser allows and the original does not.
struct Repetitions<'a>(&'a str);

impl Visitor for Repetitions<'_> {
    type Output = ();
    type Err = String;

    fn finish(self) -> Result<(), String> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), String> {
        let Ast::Repetition(repetition) = ast else { return Ok(()) };
        let RepetitionKind::Range(range) = &repetition.op.kind else { return Ok(()) };
        let most = match range {
            RepetitionRange::Exactly(count) | RepetitionRange::AtLeast(count) => *count,
            RepetitionRange::Bounded(_, most) => *most,
        };
        let span = repetition.op.span;
        let part = self.0.get(span.start.offset..span.end.offset).unwrap_or(self.0);
        if most > REPETITIONS_MAX { Err(format!("invalid repeat count: `{part}`")) } else { Ok(()) }
    }
}

/// What is wrong with a list of versions in the loose form.
pub(super) fn version_fault(text: &str) -> Option<String> {
    text.split(',').find_map(|one| {
        let malformed = || Some(format!("malformed constraint: {one}"));
        let trimmed = one.trim();
        let version = OPERATORS.iter().find_map(|sign| trimmed.strip_prefix(sign)).unwrap_or(trimmed).trim();
        let Some(numbers) = numbers_of(version, true) else { return malformed() };
        numbers.split('.').find(|number| number.parse::<i64>().is_err()).map(|number| {
            format!("error parsing version: strconv.ParseInt: parsing \"{number}\": value out of range")
        })
    })
}

/// What is wrong with a list of versions in the strict form, which has no `~>`.
pub(super) fn semver_fault(text: &str) -> Option<String> {
    text.split(',').find_map(|one| {
        let trimmed = one.trim();
        let version = OPERATORS.iter().find_map(|sign| trimmed.strip_prefix(sign)).unwrap_or(trimmed).trim();
        let sound = !trimmed.starts_with("~>") && numbers_of(version, false).is_some();
        (!sound).then(|| format!("Malformed constraint: {one}"))
    })
}

/// Operators of versions, longer ones first.
const OPERATORS: [&str; 7] = ["~>", ">=", "<=", "!=", ">", "<", "="];

/// The numbers of a version whose form is right: `v1.2.3-beta+meta`. In the loose form the hyphen may be missing.
fn numbers_of(version: &str, loose: bool) -> Option<&str> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let (numbers, rest) = version.split_at(end);
    let (rest, meta) = rest.split_once('+').map_or((rest, None), |(rest, meta)| (rest, Some(meta)));
    let identifier = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '~')
    };
    let dotted = |text: &str| text.split('.').all(identifier);
    let released = rest.is_empty() || rest.strip_prefix('-').is_some_and(dotted) || loose && dotted(rest);
    let sound = released && meta.is_none_or(dotted) && numbers.split('.').all(|number| !number.is_empty());
    sound.then_some(numbers)
}

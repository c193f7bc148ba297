//! Pages of a list: `filter`, `per_page`, `next_token`, `reverse`.

use std::cmp::Ordering;

use api::query::ReadOptions;
use filter::Filter;

use super::blocking::Found;
use super::error::ApiError;
use super::stored::Stored;

/// One page of a list, and the token of the next one.
pub(super) struct Page<T> {
    items: Vec<T>,
    next_token: Option<String>,
}

impl<T> Page<T> {
    /// The answer of a list: its items as they are shown.
    pub(super) fn found<S>(
        page: Result<Page<T>, ApiError>,
        index: u64,
        show: impl FnMut(T) -> S,
    ) -> Found<Vec<S>> {
        match page {
            Ok(page) => Found {
                value: Ok(page.items.into_iter().map(show).collect()),
                index,
                next_token: page.next_token,
            },
            Err(error) => Found { value: Err(error), index, next_token: None },
        }
    }
}

/// The page that was asked for. `items` come in list order with their token; what the filter refuses does not count.
///
/// A token that names a missing item resumes at the next greater one, so deletions between pages lose nothing.
pub(super) fn take<T>(
    items: impl Iterator<Item = T>,
    options: &ReadOptions,
    token_of: impl Fn(&T) -> Token,
    stored: Stored<T>,
) -> Result<Page<T>, ApiError> {
    let filter = parse_filter(&options.filter).map_err(|error| {
        ApiError::BadRequest(format!(
            "failed to create result paginator: failed to read filter expression: {error}"
        ))
    })?;
    let begin = options.next_token.as_str();
    let mut page = Vec::new();
    for item in items {
        let token = token_of(&item);
        let place = token.cmp(&token.read_as(begin));
        if !begin.is_empty() && place == if options.reverse { Ordering::Greater } else { Ordering::Less } {
            continue;
        }
        if let Some(filter) = &filter {
            let passes = stored.passes(filter, &item);
            let passes = passes
                .map_err(|error| ApiError::BadRequest(format!("failed to read result page: {error}")))?;
            if !passes {
                continue;
            }
        }
        let full = i32::try_from(page.len()).unwrap_or(i32::MAX) >= options.per_page;
        if options.per_page != 0 && full {
            return Ok(Page { items: page, next_token: Some(token.to_string()) });
        }
        page.push(item);
    }
    Ok(Page { items: page, next_token: None })
}

/// The filter of a request; `None` when there is none.
pub(super) fn parse_filter(text: &str) -> Result<Option<Filter>, filter::ParseError> {
    if text.is_empty() { Ok(None) } else { Filter::parse(text).map(Some) }
}

/// Where an item stands in its list: by index and id, by text or by a number alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    Text(String),
    Indexed(u64, String),
    Number(u64),
}

impl Token {
    /// Reads a text as a token of the same kind as this one.
    fn read_as(&self, text: &str) -> Token {
        let indexed = match self {
            Token::Text(_) => None,
            Token::Number(_) => text.parse().ok().map(Token::Number),
            Token::Indexed(..) => text
                .split_once('.')
                .and_then(|(index, id)| Some(Token::Indexed(index.parse().ok()?, id.to_owned()))),
        };
        indexed.unwrap_or_else(|| Token::Text(text.to_owned()))
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Text(text) => f.write_str(text),
            Token::Indexed(index, id) => write!(f, "{index}.{id}"),
            Token::Number(number) => number.fmt(f),
        }
    }
}

/// Sorts a list by its tokens, greatest first where that is asked for.
pub(super) fn in_order<T>(mut items: Vec<T>, reverse: bool, token_of: impl Fn(&T) -> Token) -> Vec<T> {
    items.sort_by_cached_key(&token_of);
    if reverse {
        items.reverse();
    }
    items
}

/// The token of something that lists show in the order of creation, unless a prefix of its id was given.
pub(super) fn created(options: &ReadOptions, create_index: u64, id: String) -> Token {
    if options.prefix.is_empty() { Token::Indexed(create_index, id) } else { Token::Text(id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(options: &ReadOptions) -> (Vec<&'static str>, Option<String>) {
        let stored = Stored::new("string", |item: &&str| serde_json::Value::from(*item));
        let items = ["a", "b", "d", "e"].into_iter();
        let page = take(items, options, |item| Token::Text((*item).to_owned()), stored).unwrap();
        (page.items, page.next_token)
    }

    #[test]
    fn pages_follow_each_other_and_survive_deletions() {
        let at =
            |token: &str| ReadOptions { per_page: 2, next_token: token.into(), ..ReadOptions::default() };
        assert_eq!(page(&at("")), (vec!["a", "b"], Some("d".into())));
        assert_eq!(page(&at("d")), (vec!["d", "e"], None));
        assert_eq!(page(&at("c")), (vec!["d", "e"], None));
        let nothing = ReadOptions { per_page: -1, ..ReadOptions::default() };
        assert_eq!(page(&nothing), (vec![], Some("a".into())));
    }
}

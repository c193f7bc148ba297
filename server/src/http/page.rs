//! Pages of a list: `per_page`, `next_token`, `reverse`.

use api::query::ReadOptions;

/// The page that was asked for, and the token of the next one. `items` come in list order with their token.
///
/// A token that names a missing item resumes at the next greater one, so deletions between pages lose nothing.
pub(super) fn take<T>(
    items: impl Iterator<Item = T>,
    options: &ReadOptions,
    token_of: impl Fn(&T) -> Token,
) -> (Vec<T>, Option<String>) {
    let mut page = Vec::new();
    let begin = Token::parse(&options.next_token);
    for item in items {
        let token = token_of(&item);
        let skip = begin.as_ref().is_some_and(|begin| match options.reverse {
            true => token > *begin,
            false => token < *begin,
        });
        if skip {
            continue;
        }
        if options.per_page > 0 && page.len() == options.per_page {
            return (page, Some(token.to_string()));
        }
        page.push(item);
    }
    (page, None)
}

/// Where an item stands in its list: by index and id, or by text alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    Text(String),
    Indexed(u64, String),
}

impl Token {
    fn parse(text: &str) -> Option<Token> {
        if text.is_empty() {
            return None;
        }
        let indexed =
            text.split_once('.').and_then(|(index, id)| Some(Token::Indexed(index.parse().ok()?, id.into())));
        Some(indexed.unwrap_or_else(|| Token::Text(text.to_owned())))
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Text(text) => f.write_str(text),
            Token::Indexed(index, id) => write!(f, "{index}.{id}"),
        }
    }
}

/// Sorts a list by creation, newest first where that is asked for.
pub(super) fn by_creation<T>(mut items: Vec<T>, reverse: bool, token_of: impl Fn(&T) -> Token) -> Vec<T> {
    items.sort_by_cached_key(&token_of);
    if reverse {
        items.reverse();
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(next_token: &str) -> (Vec<&'static str>, Option<String>) {
        let options = ReadOptions { per_page: 2, next_token: next_token.into(), ..ReadOptions::default() };
        take(["a", "b", "d", "e"].into_iter(), &options, |item| Token::Text((*item).to_owned()))
    }

    #[test]
    fn pages_follow_each_other_and_survive_deletions() {
        assert_eq!(page(""), (vec!["a", "b"], Some("d".into())));
        assert_eq!(page("d"), (vec!["d", "e"], None));
        assert_eq!(page("c"), (vec!["d", "e"], None));
    }
}

//! What is wrong with a text, for people: the sentence, the line it is about, and what to do.

use jobspec::Diagnostic;

/// Sentences are broken before this column.
const WIDTH: usize = 80;

/// One diagnostic and an empty line; `text` is what it is about.
pub fn block(diagnostic: &Diagnostic, text: &str) -> String {
    let mut out = format!("Error: {}\n\n", diagnostic.summary);
    if let Some(subject) = &diagnostic.subject {
        let inside = match around(text, subject.start.byte) {
            Some(header) => format!(", in {header}"),
            None => String::new(),
        };
        out.push_str(&format!("  on {} line {}{inside}:\n", subject.file, subject.start.line));
        let first = subject.start.line.saturating_sub(1);
        let count = subject.end.line.saturating_sub(first).max(1);
        for (index, line) in text.lines().enumerate().skip(first).take(count) {
            out.push_str(&format!("{:>4}: {line}\n", index + 1));
        }
        out.push('\n');
    }
    out.push_str(&wrapped(&diagnostic.detail));
    out.push('\n');
    out
}

/// The header of the outermost block around a place, if the block is closed.
fn around(text: &str, byte: usize) -> Option<String> {
    let before = text.get(..byte)?;
    // Blocks of a file begin at the margin, and their closing braces stand there.
    let start = before.rfind("\n}").map_or(0, |at| at + 2);
    let (header, inside) = before[start..].split_once('{')?;
    let closed = text[byte..].lines().skip(1).any(|line| line.starts_with('}'));
    let header = header.lines().last().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = header.chars().all(|c| c.is_alphanumeric() || " \"_-.".contains(c));
    (closed && plain && inside.contains('\n')).then_some(header)
}

fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let error = jobspec::layout("f.hcl", text).unwrap_err();
        error.list.iter().map(|one| block(one, text)).collect()
    }

    #[test]
    fn the_line_is_quoted_and_the_sentence_broken() {
        assert_eq!(
            shown("job \"b\" {\n"),
            "Error: Unclosed configuration block\n\n  on f.hcl line 1:\n   1: job \"b\" {\n\n\
             There is no closing brace for this block before the end of the file. This may be\n\
             caused by incorrect brace nesting elsewhere in this file.\n"
        );
    }

    #[test]
    fn a_place_inside_of_a_block_names_it() {
        let text = shown("a = 1\njob \"b\" {\n  type = \n}\n");
        assert!(text.contains("\n  on f.hcl line 3, in job \"b\":\n   3:   type = \n"), "{text}");
    }
}

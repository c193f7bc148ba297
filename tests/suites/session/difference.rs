//! What differs between two texts, line by line, with a little around it.

/// Lines shown around a difference.
const AROUND: usize = 3;

/// Lines that only the first text has begin with `-`, those of the second alone with `+`.
pub(crate) fn of(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // The longest that two ends have in common, by how many lines are left of each.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    let near = |at: usize| {
        lines[at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len())]
            .iter()
            .any(|(mark, _)| *mark != ' ')
    };
    let shown = (0..lines.len()).filter(|at| near(*at)).map(|at| format!("{} {}", lines[at].0, lines[at].1));
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn only_what_differs_is_shown() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9";
    let text = of(old, &old.replace('8', "eight"));
    assert_eq!(text, "  5\n  6\n  7\n- 8\n+ eight\n  9");
    assert_eq!(of(old, old), "");
}

//! Did you mean …?

/// Finds the candidate that a word was probably meant to be.
///
/// The distance is the optimal string alignment distance (insertions, deletions,
/// substitutions and swaps of neighbours, each 1). A candidate counts when at most a third of
/// the word's characters differ, and three at most. Ties go to the earlier candidate.
///
/// Cost: one comparison of lengths and letter sets for each candidate, and a distance in
/// `O(len²)` for the few that pass it.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A long word is no typo of a name, and the distance is quadratic.
    if word.len() > 128 {
        return None;
    }
    let letters: Vec<char> = word.chars().collect();
    let mut limit = (letters.len() / 3).clamp(1, 3);
    let set = letter_set(word);
    let mut best = None;
    let mut rows = Rows::default();
    for candidate in candidates {
        if candidate.len().abs_diff(word.len()) > 4 * limit
            || (letter_set(candidate) ^ set).count_ones() as usize > 2 * limit
            || candidate == word
        {
            continue;
        }
        if let Some(distance) = rows.distance(&letters, candidate, limit) {
            best = Some(candidate);
            if distance <= 1 {
                break;
            }
            // Only a strictly better one replaces it.
            limit = distance - 1;
        }
    }
    best
}

/// One bit for each letter that occurs, case folded.
fn letter_set(word: &str) -> u64 {
    word.bytes()
        .fold(0, |set, b| set | 1 << (b.to_ascii_lowercase() & 63))
}

#[derive(Default)]
struct Rows {
    other: Vec<char>,
    before: Vec<usize>,
    last: Vec<usize>,
    this: Vec<usize>,
}

impl Rows {
    /// The distance of two words, or `None` where it is above `limit`.
    fn distance(&mut self, word: &[char], candidate: &str, limit: usize) -> Option<usize> {
        self.other.clear();
        self.other.extend(candidate.chars());
        if self.other.len().abs_diff(word.len()) > limit {
            return None;
        }
        let width = self.other.len() + 1;
        self.last.clear();
        self.last.extend(0..width);
        self.before.clear();
        self.before.resize(width, 0);
        self.this.clear();
        self.this.resize(width, 0);
        for (i, &a) in word.iter().enumerate() {
            self.this[0] = i + 1;
            let mut least = i + 1;
            for (j, &b) in self.other.iter().enumerate() {
                let mut best = (self.last[j] + usize::from(a != b))
                    .min(self.last[j + 1] + 1)
                    .min(self.this[j] + 1);
                if i > 0 && j > 0 && a == self.other[j - 1] && word[i - 1] == b {
                    best = best.min(self.before[j - 1] + 1);
                }
                self.this[j + 1] = best;
                least = least.min(best);
            }
            if least > limit {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.this);
        }
        Some(self.last[width - 1]).filter(|&distance| distance <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        let words = ["target", "targets", "weight", "gpt-4o", "gpt-4o-mini", "o3"];
        for (word, expected) in [
            ("wieght", Some("weight")),
            ("targte", Some("target")),
            ("gpt-4o-mni", Some("gpt-4o-mini")),
            ("gpt-4", Some("gpt-4o")),
            ("claude", None),
            ("o1", Some("o3")),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(word, words), expected, "{word}");
        }
    }

    #[test]
    fn the_nearest_wins_over_the_first() {
        assert_eq!(closest("abcdef", ["abcxyf", "abcdxf"]), Some("abcdxf"));
    }
}

//! Suggestions for misspelt words: "did you mean …?".

/// Returns the candidate closest to a misspelt word.
///
/// The measure is the optimal string alignment distance (insertions, deletions, substitutions and
/// swaps of neighbours, each 1), and 0 if only the case of ASCII letters differs. The largest distance
/// allowed is a third of the word's length, but at least 1 and at most 3. Ties go to the earlier candidate.
///
/// Cost: one comparison of lengths and letter sets per candidate, and a distance in `O(len²)` for the
/// few that pass it.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A long word is not a misspelt name, and the distance is quadratic.
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
        if candidate.eq_ignore_ascii_case(word) {
            return Some(candidate);
        }
        // Only a strictly better candidate replaces the best one.
        if limit > 0
            && let Some(distance) = rows.distance(&letters, candidate, limit)
        {
            best = Some(candidate);
            limit = distance.saturating_sub(1);
        }
    }
    best
}

/// Returns the set of bytes as 64 bits, ignoring ASCII case. Bytes that are equal modulo 64 share a bit.
fn letter_set(word: &str) -> u64 {
    word.bytes()
        .fold(0, |set, b| set | 1 << (b.to_ascii_lowercase() & 63))
}

/// Reusable buffers for the distance: the candidate and three rows of its matrix.
#[derive(Default)]
struct Rows {
    other: Vec<char>,
    before: Vec<usize>,
    last: Vec<usize>,
    this: Vec<usize>,
}

impl Rows {
    /// Returns the distance of two words, or `None` if it exceeds `limit`.
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
    fn the_closest_word_is_suggested() {
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
            ("TARGET", Some("target")),
            ("Targets", Some("targets")),
        ] {
            assert_eq!(closest(word, words), expected, "{word}");
        }
    }

    #[test]
    fn the_nearest_wins_over_the_first() {
        assert_eq!(closest("abcdef", ["abcxyf", "abcdxf"]), Some("abcdxf"));
    }
}

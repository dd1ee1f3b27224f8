//! Parses the Markdown features that the pages use.

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// Line number of the fence, from 1.
    pub(crate) line: usize,
    /// The info string after the fence.
    pub(crate) info: String,
    pub(crate) text: String,
}

/// Returns the fenced blocks of a page.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    split(page).1
}

/// Returns a page with its blocks blanked out, so that line numbers stay the same.
pub(crate) fn prose(page: &str) -> String {
    split(page).0
}

fn split(page: &str) -> (String, Vec<Block>) {
    let mut prose = String::new();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    line: at + 1,
                    info: info.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => prose.push_str(line),
        }
        prose.push('\n');
    }
    assert!(open.is_none(), "a block has no end: {open:?}");
    (prose, blocks)
}

/// Returns the anchors of a page's headings, as code hosts and rustdoc generate them.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    prose(page)
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|heading| anchor(heading.trim_start_matches('#').trim()))
        .collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

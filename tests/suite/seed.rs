//! The original document's snippets.

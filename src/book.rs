//! Guides for embedders, operators and authors of hooks, and for migrations.
//!
//! - [`embedder`]: building a service on the crate.
//! - [`operator`]: writing the configuration and running it in production.
//! - [`hooks`]: adding a selection algorithm, a content check or a price list.
//! - [`from_hashmap`], [`from_litellm`], [`from_plano`]: migrating from another solution.
//!
//! The tests compile, load or run every code block. The pages are the files in `docs`, so they can also be read
//! on a code host. There the links lead to files, here to items: `links.md` is included before each page, and
//! Markdown uses the first definition of a label. Doc tests leave `links.md` out, so that a failure reports the
//! line in the page.

pub mod embedder {
    #![cfg_attr(not(doctest), doc = include_str!("../docs/rustdoc/links.md"))]
    #![doc = include_str!("../docs/embedder.md")]
}

pub mod operator {
    #![cfg_attr(not(doctest), doc = include_str!("../docs/rustdoc/links.md"))]
    #![doc = include_str!("../docs/operator.md")]
}

pub mod hooks {
    #![cfg_attr(not(doctest), doc = include_str!("../docs/rustdoc/links.md"))]
    #![doc = include_str!("../docs/hooks.md")]
}

pub mod from_hashmap {
    #![cfg_attr(not(doctest), doc = include_str!("../docs/rustdoc/links.md"))]
    #![doc = include_str!("../docs/from-hashmap.md")]
}

pub mod from_litellm {
    #![cfg_attr(not(doctest), doc = include_str!("../docs/rustdoc/links.md"))]
    #![doc = include_str!("../docs/from-litellm.md")]
}

pub mod from_plano {
    #![cfg_attr(not(doctest), doc = include_str!("../docs/rustdoc/links.md"))]
    #![doc = include_str!("../docs/from-plano.md")]
}

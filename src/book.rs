//! The crate for three readers, and for those who come from somewhere else.
//!
//! - [`embedder`]: for whoever builds a service on it.
//! - [`operator`]: for whoever writes the file and is called at night.
//! - [`hooks`]: for whoever adds a way to choose, a check or a price list.
//! - [`from_hashmap`], [`from_litellm`], [`from_plano`]: what takes the place of what.
//!
//! Every block in them is compiled, loaded or run by the tests. The pages are the files of the folder
//! `docs`, so that they read well on a forge too. There their links lead to files, here to items: a label
//! that is defined twice means what it meant first, and `links.md` comes before each page. Not where the
//! blocks are run, or a failure would have its place in that file.

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

//! The public surface: auto traits, what `Debug` hides, answers that allocate nothing.

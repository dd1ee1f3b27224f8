//! Inputs made to hurt, by counts.

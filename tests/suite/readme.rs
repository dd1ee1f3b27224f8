//! What the README says, checked.

//! Whole texts of problems, one file each.

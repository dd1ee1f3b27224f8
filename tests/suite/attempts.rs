//! Attempts.

mod random;

fn full_or<T>(ci: T, full: T) -> T {
    if std::env::var_os("MODEL_ALIASES_FULL").is_some() {
        full
    } else {
        ci
    }
}

//! Joins a base URL and the path of an API.

/// Joins a base URL and the path of an API, such as `/v1/chat/completions`.
///
/// A path in the base URL takes the place of the version at the beginning of the API's path, so it does not
/// matter whether a file writes `https://host` or `https://host/v1`. The query of the base URL stays at the
/// end; a fragment is dropped.
pub(crate) fn join(base: &str, path: &str) -> String {
    let base = &base[..base.find('#').unwrap_or(base.len())];
    let (base, query) = base.split_at(base.find('?').unwrap_or(base.len()));
    let base = base.trim_end_matches('/');
    let host = base.find("://").map_or(0, |at| at + 3);
    let has_path = base[host..].contains('/');
    let path = path.trim_start_matches('/');
    let path = match path.split_once('/') {
        Some((version, rest)) if has_path && is_version(version) => rest,
        _ => path,
    };
    let separator = if path.is_empty() { "" } else { "/" };
    [base, separator, path, query].concat()
}

/// Whether a segment of a path is a version: `v1`, `v1beta`, `v2alpha1`.
fn is_version(segment: &str) -> bool {
    let rest = segment.strip_prefix('v').unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_the_base_takes_the_place_of_the_version() {
        for (base, path, joined) in [
            (
                "https://h",
                "/v1/chat/completions",
                "https://h/v1/chat/completions",
            ),
            (
                "https://h/",
                "/v1/chat/completions",
                "https://h/v1/chat/completions",
            ),
            (
                "https://h/v1",
                "/v1/chat/completions",
                "https://h/v1/chat/completions",
            ),
            (
                "https://h/v1/",
                "v1/chat/completions",
                "https://h/v1/chat/completions",
            ),
            (
                "http://h:80/openai/v1",
                "/v1/models",
                "http://h:80/openai/v1/models",
            ),
            (
                "https://h/v1beta/openai",
                "/v1/chat/completions",
                "https://h/v1beta/openai/chat/completions",
            ),
            (
                "https://h/proxy",
                "/v1/messages",
                "https://h/proxy/messages",
            ),
            (
                "https://h/proxy",
                "/chat/completions",
                "https://h/proxy/chat/completions",
            ),
            ("https://h", "/api/chat", "https://h/api/chat"),
            (
                "https://h/openai/deployments/x?api-version=1#top",
                "/v1/chat/completions",
                "https://h/openai/deployments/x/chat/completions?api-version=1",
            ),
            ("https://h?key=1", "/v1/models", "https://h/v1/models?key=1"),
            ("https://h/v1", "", "https://h/v1"),
            ("https://h/v1", "/vision/v1", "https://h/v1/vision/v1"),
            (
                "https://user:p@h/v1",
                "/v1/models",
                "https://user:p@h/v1/models",
            ),
        ] {
            assert_eq!(join(base, path), joined, "{base} {path}");
        }
    }
}

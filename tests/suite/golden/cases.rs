//! Files of routing tests: the report on tests that fail, and the problems of invalid tests.
//!
//! `tests/golden/cases/<name>.yaml` holds tests for `examples/config.yaml`. `<name>.txt` beside it holds the report,
//! or every problem in the format of `tests/golden/bad`.

use std::fs;

use model_aliases::{AliasResolver, Config, RoutingTests};

use super::{Comparison, file_name, files, is_in_style, text};
use crate::program::root;
use crate::schema::{self, Verdict};

#[test]
fn files_of_routing_tests_are_told_their_text() {
    let config = fs::read(root().join("examples/config.yaml")).unwrap();
    let resolver = AliasResolver::new(Config::from_yaml("config.yaml", config).unwrap()).unwrap();
    let mut comparison = Comparison::default();
    let mut sound = 0;
    for path in files("cases", ".yaml") {
        let bytes = fs::read(&path).unwrap();
        let actual = match RoutingTests::from_yaml(file_name(&path), &bytes) {
            Ok(tests) => {
                sound += 1;
                assert_eq!(schema::verdict(&bytes), Verdict::Accepted);
                format!("{}\n", tests.run(&resolver))
            }
            Err(error) => {
                error.problems().iter().for_each(is_in_style);
                text(error.problems())
            }
        };
        comparison.compare(&path.with_extension("txt"), &actual);
    }
    comparison.done();
    assert_eq!(sound, 1, "the file of five wrong tests");
}

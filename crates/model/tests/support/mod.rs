//! What the tests of the model say about a configuration.

use manyhands_model::{Bug, Kind, Protocol, Verdict, explore, livelocks};

/// More states than any configuration in the test command has.
const LIMIT: usize = 8_000_000;

/// Up to so many states it is also looked whether each of them can come to rest.
const SMALL: usize = 120_000;

/// Every reachable state is visited and every invariant holds.
#[allow(dead_code, reason = "each test program uses its part")]
pub(crate) fn holds<P: Protocol>(config: &P) {
    let report = explore(config, LIMIT);
    println!("{report}");
    assert!(matches!(report.verdict, Verdict::Holds), "{report}");
    assert!(report.rests > 0, "nothing ever comes to rest");
    if report.states <= SMALL {
        assert_eq!(livelocks(config, SMALL), Some(0), "some never come to rest");
    }
}

/// The rule that is left out is missed: the shortest run ends in a violation of this kind.
#[allow(dead_code, reason = "each test program uses its part")]
pub(crate) fn finds<P: Protocol>(config: &P, bug: Bug, kind: Kind) {
    let report = explore(config, LIMIT);
    println!("{report}");
    match &report.verdict {
        Verdict::Violated(violation, trace) => {
            assert_eq!(violation.kind, kind, "{bug:?}: {report}");
            assert!(trace.len() > 1, "{bug:?}: no run is shown");
        }
        _ => panic!("nobody misses the rule that {bug:?} leaves out: {report}"),
    }
}

/// Tests named after the configuration that holds.
#[macro_export]
macro_rules! holds {
    ($($name:ident: $config:expr;)*) => { $(
        #[test]
        fn $name() {
            support::holds(&$config);
        }
    )* };
}

//! Statistical checks: whether counts are within random variation.

/// The accepted probability of a false alarm per test.
const FALSE_ALARM: f64 = 1e-9;

/// The sum of the statistics of several samples, with its expected value and variance.
#[derive(Default)]
pub(super) struct Sum {
    statistic: f64,
    expected: f64,
    variance: f64,
}

impl Sum {
    /// The distance of the sum from its expected value, in standard deviations.
    pub(super) fn deviation(&self) -> f64 {
        (self.statistic - self.expected) / self.variance.sqrt()
    }
}

/// A sample: the count of each member, with the weights.
pub(super) struct Sample<'a> {
    pub(super) counts: &'a [u64],
    pub(super) weights: &'a [u32],
}

impl Sample<'_> {
    /// Returns Pearson's chi-square and the degrees of freedom. Panics if a member of weight 0 was chosen.
    fn chi_square(&self) -> (f64, u32) {
        let (counts, weights) = (self.counts, self.weights);
        assert_eq!(counts.len(), weights.len());
        let all = counts.iter().sum::<u64>() as f64;
        let total = f64::from(weights.iter().sum::<u32>());
        let mut statistic = 0.0;
        let mut members = 0;
        for (&count, &weight) in counts.iter().zip(weights) {
            if weight == 0 {
                assert_eq!(count, 0, "weight 0 came: {counts:?} {weights:?}");
                continue;
            }
            let expected = all * f64::from(weight) / total;
            statistic += (count as f64 - expected).powi(2) / expected;
            members += 1;
        }
        (statistic, members - 1)
    }

    /// Checks that the counts fit independent draws by weight.
    #[track_caller]
    pub(super) fn is_drawn_by_weight(&self) {
        let (statistic, freedom) = self.chi_square();
        let chance = if freedom == 0 {
            1.0
        } else {
            tail(statistic, freedom)
        };
        assert!(
            chance >= FALSE_ALARM,
            "{:?} by {:?}: chi-square {statistic:.1}, chance {chance:.1e}",
            self.counts,
            self.weights
        );
    }

    pub(super) fn add_to(&self, sum: &mut Sum) {
        let (statistic, freedom) = self.chi_square();
        let all = self.counts.iter().sum::<u64>() as f64;
        let total = f64::from(self.weights.iter().sum::<u32>());
        let inverse: f64 = self
            .weights
            .iter()
            .filter(|&&weight| weight > 0)
            .map(|&weight| total / f64::from(weight))
            .sum();
        let members = f64::from(freedom + 1);
        sum.statistic += statistic;
        sum.expected += f64::from(freedom);
        // The exact variance of Pearson's statistic: 2(k-1), plus a term for rare members.
        sum.variance +=
            2.0 * f64::from(freedom) + (inverse - members * members - 2.0 * members + 2.0) / all;
    }
}

/// The probability that a chi-square variable exceeds a value: the upper regularised gamma function Q(k/2, x/2) by
/// its continued fraction (Lentz), which converges above the mean. Below the mean the probability exceeds 0.3 and does
/// not matter.
#[expect(clippy::many_single_char_names, reason = "those of the textbooks")]
fn tail(statistic: f64, freedom: u32) -> f64 {
    let (a, x) = (f64::from(freedom) / 2.0, statistic / 2.0);
    if x < a + 1.0 {
        return 1.0;
    }
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..300 {
        let i = f64::from(i);
        let factor = -i * (i - a);
        b += 2.0;
        d = 1.0 / (factor * d + b);
        c = b + factor / c;
        fraction *= d * c;
    }
    (a * x.ln() - x - ln_gamma_of_half(freedom)).exp() * fraction
}

/// ln Γ(k/2), computed upwards from Γ(1/2) = √π or Γ(1) = 1.
fn ln_gamma_of_half(k: u32) -> f64 {
    let (start, first) = if k.is_multiple_of(2) {
        (0.0, 2)
    } else {
        (std::f64::consts::PI.sqrt().ln(), 1)
    };
    let steps = (first..k).step_by(2);
    start + steps.map(|at| (f64::from(at) / 2.0).ln()).sum::<f64>()
}

/// Checks that `count` of `all` fits this probability, within six deviations.
#[track_caller]
pub(super) fn is_share(count: u64, all: u64, probability: f64) {
    let expected = all as f64 * probability;
    let room = 6.0 * (expected * (1.0 - probability)).sqrt();
    let off = count as f64 - expected;
    assert!(
        off.abs() <= room,
        "{count} of {all} where {expected:.0} ± {room:.0} are expected"
    );
}

#[test]
fn the_tail_is_that_of_the_tables() {
    // With two degrees it is e^(-x/2), with four that times 1 + x/2, with one twice the tail of the normal
    // distribution.
    for (statistic, freedom, expected) in [
        (41.446_531_673, 2, 1e-9),
        (60.0, 4, (-30.0_f64).exp() * 31.0),
        (37.324_893_2, 1, 1e-9),
        (3.841_458_821, 1, 0.05),
        (16.918_977_605, 9, 0.05),
    ] {
        let found: f64 = tail(statistic, freedom);
        assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
    }
}

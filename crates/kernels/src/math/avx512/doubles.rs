//! The lanes of a group in four registers: each operation runs on all of them, so that their latencies overlap.

use crate::math::blocks::Group;
use std::arch::x86_64::{
    __m512d, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_NAN, _mm512_abs_pd, _mm512_add_pd,
    _mm512_castpd_si512, _mm512_castsi512_pd, _mm512_cmpge_epi64_mask, _mm512_fmadd_pd,
    _mm512_fnmadd_pd, _mm512_getexp_pd, _mm512_getmant_pd, _mm512_loadu_pd, _mm512_max_epi64,
    _mm512_max_pd, _mm512_min_pd, _mm512_mul_pd, _mm512_permutex2var_pd, _mm512_scalef_pd,
    _mm512_set1_epi64, _mm512_set1_pd, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_storeu_pd,
    _mm512_sub_pd, _mm512_ternarylogic_epi64, _mm512_xor_pd,
};

/// Doubles of one register.
const EIGHT: usize = 8;
/// Registers of a group.
const FOUR: usize = crate::GROUP / EIGHT;

/// The doubles of a group, or their bits.
#[derive(Clone, Copy)]
pub(super) struct Doubles([__m512d; FOUR]);

/// Sixteen doubles to look up.
#[derive(Clone, Copy)]
pub(super) struct Table(__m512d, __m512d);

// No closures: those in `map` or `from_fn` would not be compiled into what calls them, which may use other instructions.

/// Defines methods that run an expression on each register.
macro_rules! each {
    ($($(#[$meta:meta])* $name:ident($this:ident $(, $other:ident)*) { $value:expr })+) => {
        impl Doubles {
            $(
                $(#[$meta])*
                #[inline]
                #[target_feature(enable = "avx512f,avx512dq")]
                pub(super) fn $name(self $(, $other: Self)*) -> Self {
                    let $this = self;
                    Self([
                        each!(@ 0, $value, $this $($other)*),
                        each!(@ 1, $value, $this $($other)*),
                        each!(@ 2, $value, $this $($other)*),
                        each!(@ 3, $value, $this $($other)*),
                    ])
                }
            )+
        }
    };
    (@ $index:literal, $value:expr, $($operand:ident)+) => {{
        $(let $operand = $operand.0[$index];)+
        $value
    }};
}

each! {
    /// a + b
    plus(a, b) { _mm512_add_pd(a, b) }
    /// a - b
    minus(a, b) { _mm512_sub_pd(a, b) }
    /// a b
    times(a, b) { _mm512_mul_pd(a, b) }
    /// a b + c, rounded once.
    times_plus(a, b, c) { _mm512_fmadd_pd(a, b, c) }
    /// c - a b, rounded once.
    times_from(a, b, c) { _mm512_fnmadd_pd(a, b, c) }
    /// -a
    negated(a) { _mm512_xor_pd(a, _mm512_set1_pd(-0.0)) }
    /// |a|
    magnitude(a) { _mm512_abs_pd(a) }
    /// The smaller one; `a` if it is NaN.
    at_most(a, b) { _mm512_min_pd(b, a) }
    /// The greater one; `a` if it is NaN.
    at_least(a, b) { _mm512_max_pd(b, a) }
    /// a 2^floor(b)
    scaled(a, b) { _mm512_scalef_pd(a, b) }
    /// floor(log2 |a|): infinity of infinities, negative infinity of zeros.
    exponent(a) { _mm512_getexp_pd(a) }
    /// a / 2^exponent, from 1 to 2: 1 of infinity and zero; NaN of what is below zero.
    significand(a) { _mm512_getmant_pd::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_NAN>(a) }
    /// The four bits after the leading one, as the last bits.
    sixteenth(a) { _mm512_castsi512_pd(_mm512_srli_epi64::<48>(_mm512_castpd_si512(a))) }
    /// The fifth bit of those from the last one on, as a sign.
    fifth_as_sign(a) { _mm512_castsi512_pd(_mm512_slli_epi64::<59>(_mm512_castpd_si512(a))) }
    /// With its sign turned where `b` has one.
    turned(a, b) {{
        let (bits, signs) = (_mm512_castpd_si512(a), _mm512_castpd_si512(b));
        // bits ^ (signs & minus)
        let minus = _mm512_set1_epi64(i64::MIN);
        _mm512_castsi512_pd(_mm512_ternarylogic_epi64::<0x78>(bits, signs, minus))
    }}
}

impl Doubles {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn load(group: &Group) -> Self {
        let first = group.as_ptr();
        // SAFETY: four times eight doubles.
        unsafe {
            Self([
                _mm512_loadu_pd(first),
                _mm512_loadu_pd(first.add(EIGHT)),
                _mm512_loadu_pd(first.add(2 * EIGHT)),
                _mm512_loadu_pd(first.add(3 * EIGHT)),
            ])
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn store(self, group: &mut Group) {
        let first = group.as_mut_ptr();
        let [a, b, c, d] = self.0;
        // SAFETY: four times eight doubles.
        unsafe {
            _mm512_storeu_pd(first, a);
            _mm512_storeu_pd(first.add(EIGHT), b);
            _mm512_storeu_pd(first.add(2 * EIGHT), c);
            _mm512_storeu_pd(first.add(3 * EIGHT), d);
        }
    }

    /// The same double in each lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn all(value: f64) -> Self {
        Self([_mm512_set1_pd(value); FOUR])
    }

    /// c[0] + c[1] z + c[2] z^2 + c[3] z^3
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn cubic(self, c: [f64; 4]) -> Self {
        let high = self.times_plus(Self::all(c[3]), Self::all(c[2]));
        let high = self.times_plus(high, Self::all(c[1]));
        self.times_plus(high, Self::all(c[0]))
    }

    /// Whether the magnitude of any of these is at least `limit`, or NaN.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn any_reaches(self, limit: f64) -> bool {
        // As integers magnitudes have the same order, with NaN above all.
        let [a, b, c, d] = self.magnitude().0;
        let (a, b) = (_mm512_castpd_si512(a), _mm512_castpd_si512(b));
        let (c, d) = (_mm512_castpd_si512(c), _mm512_castpd_si512(d));
        let most = _mm512_max_epi64(_mm512_max_epi64(a, b), _mm512_max_epi64(c, d));
        _mm512_cmpge_epi64_mask(most, _mm512_set1_epi64(limit.to_bits() as i64)) != 0
    }
}

impl Table {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn new(bits: &[u64; 2 * EIGHT]) -> Self {
        let first = bits.as_ptr().cast::<f64>();
        // SAFETY: sixteen doubles.
        unsafe { Self(_mm512_loadu_pd(first), _mm512_loadu_pd(first.add(EIGHT))) }
    }

    /// The doubles at the places that stand in the last four bits of each lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn at(self, places: Doubles) -> Doubles {
        let Self(first, second) = self;
        let [a, b, c, d] = places.0;
        Doubles([
            _mm512_permutex2var_pd(first, _mm512_castpd_si512(a), second),
            _mm512_permutex2var_pd(first, _mm512_castpd_si512(b), second),
            _mm512_permutex2var_pd(first, _mm512_castpd_si512(c), second),
            _mm512_permutex2var_pd(first, _mm512_castpd_si512(d), second),
        ])
    }
}

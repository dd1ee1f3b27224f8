//! Bit mixing and scaling for hashes and random numbers.

/// The finalizer of splitmix64 (Steele, Lea and Flood 2014): every bit of the input reaches
/// every bit of the output.
#[inline]
pub(crate) const fn splitmix64(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The increment of splitmix64: 2⁶⁴ divided by the golden ratio, made odd.
pub(crate) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Maps 64 random bits to `0..total` by a multiplication; the bias is below total / 2⁶⁴.
#[inline]
pub(crate) const fn scale(bits: u64, total: u32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the product is below total · 2⁶⁴"
    )]
    {
        ((bits as u128 * total as u128) >> 64) as u32
    }
}

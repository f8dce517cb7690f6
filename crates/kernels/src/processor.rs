//! What the processor is, where that decides how memory is asked.

use std::sync::OnceLock;

/// Whether memory gives more than the processor asks for by its own guesses and the loads that it sees: measured for the
/// cores that AMD calls Zen 5, of which a loop with seven operations for a line of the caches gets two thirds. Before
/// these it was no gain.
pub(crate) fn outruns_guesses() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(is_zen_5_or_later)
}

#[cfg(target_arch = "x86_64")]
fn is_zen_5_or_later() -> bool {
    use std::arch::x86_64::__cpuid;
    const ZEN_5: u32 = 0x1A;
    #[allow(unused_unsafe, reason = "safe since Rust 1.94")]
    // SAFETY: every processor of this architecture has the instruction, and the leaves 0 and 1.
    let (maker, version) = unsafe { (__cpuid(0), __cpuid(1)) };
    let is_amd = [maker.ebx, maker.edx, maker.ecx]
        .map(u32::to_le_bytes)
        .as_flattened()
        == b"AuthenticAMD";
    let (family, extended) = (version.eax >> 8 & 0xF, version.eax >> 20 & 0xFF);
    is_amd && family == 0xF && family + extended >= ZEN_5
}

#[cfg(not(target_arch = "x86_64"))]
fn is_zen_5_or_later() -> bool {
    false
}

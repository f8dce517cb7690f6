//! What TypeScript must know about the layout, so that it never retypes an offset.

use manyhands_sync::layout;
use napi_derive::napi;

#[napi(object)]
pub struct Constants {
    pub segment_bytes: u32,
    pub unit_bytes: u32,
    pub granule_bytes: u32,
    pub header_bytes: u32,
    pub class_bytes: Vec<u32>,
    pub unsplit_bytes: u32,
    pub length_word: u32,
    pub size_word: u32,
    pub next_word: u32,
    pub flags_word: u32,
    pub kind_word: u32,
    pub leased_flag: u32,
    pub attempt_shift: u32,
    pub max_participants: u32,
    pub max_capacity: u32,
    pub max_chain: u32,
}

#[napi]
pub fn constants() -> Constants {
    Constants {
        segment_bytes: layout::SEGMENT_BYTES as u32,
        unit_bytes: layout::UNIT_BYTES,
        granule_bytes: layout::GRANULE,
        header_bytes: layout::HEADER_BYTES,
        class_bytes: layout::CLASS_BYTES.to_vec(),
        unsplit_bytes: layout::UNSPLIT_UNITS * layout::UNIT_BYTES,
        length_word: layout::LENGTH_WORD as u32,
        size_word: layout::SIZE_WORD as u32,
        next_word: layout::NEXT_WORD as u32,
        flags_word: layout::FLAGS_WORD as u32,
        kind_word: layout::KIND_WORD as u32,
        leased_flag: layout::FLAG_LEASED,
        attempt_shift: layout::ATTEMPT.trailing_zeros(),
        max_participants: layout::MAX_PARTICIPANTS,
        max_capacity: layout::MAX_CAPACITY,
        max_chain: layout::MAX_CHAIN,
    }
}

//! Where the last operation of a program may leave its results, other than in a register: past the caches, or added up.

use super::lanes::{Group, Sink};
use crate::GROUP;
use crate::fused_adder::FusedAdder;
use crate::lane_sum::LaneSum;
use crate::reading::Reading;
use crate::streaming::{LINE, stream_lines};

/// Whether a group of such lanes is whole lines of the caches.
pub(crate) const fn fills_lines<D>() -> bool {
    (GROUP * size_of::<D>()).is_multiple_of(LINE)
}

/// Memory that is written past the caches, by a body compiled for this level.
pub(crate) struct PastCaches<const LEVEL: u8> {
    place: *mut u8,
}

impl<const LEVEL: u8> PastCaches<LEVEL> {
    /// # Safety
    /// `place` begins with a line and has room for all groups that are taken; the machine has the level.
    #[inline(always)]
    pub(crate) unsafe fn new(place: *mut u8) -> Self {
        Self { place }
    }
}

impl<const LEVEL: u8, D> Sink<D> for PastCaches<LEVEL> {
    #[inline(always)]
    fn take(&mut self, group: &Group<D>) {
        // SAFETY: promised to `new`.
        unsafe {
            stream_lines::<LEVEL>(
                self.place,
                group.0.as_ptr().cast(),
                size_of_val(group) / LINE,
            );
            self.place = self.place.add(size_of_val(group));
        }
    }
}

/// What may be added up.
pub(crate) trait Summand {
    const IS_DOUBLE: bool;
    fn double(&self) -> f64;
}

impl Summand for f64 {
    const IS_DOUBLE: bool = true;
    #[inline(always)]
    fn double(&self) -> f64 {
        *self
    }
}

macro_rules! no_summand {
    ($($type:ty)*) => {
        $(impl Summand for $type {
            const IS_DOUBLE: bool = false;
            fn double(&self) -> f64 {
                *self as f64
            }
        })*
    };
}
no_summand!(u8 i8 i16 u16 i32 u32 i64);

/// A sum on its way, between the calls of bodies that add to it.
pub(crate) struct Adding {
    pub(crate) sum: LaneSum,
    /// How the operands are asked for.
    pub(crate) reading: Reading,
}

/// The same in registers of the processor, while a body compiled for this level runs.
pub(crate) struct Adder<const LEVEL: u8> {
    sum: LaneSum,
    reading: Reading,
    adder: FusedAdder<LEVEL>,
}

impl<const LEVEL: u8> Adder<LEVEL> {
    /// # Safety
    /// `adding` is an [`Adding`].
    #[inline(always)]
    pub(crate) unsafe fn onto(adding: *const u8) -> Self {
        // SAFETY: promised by the caller.
        let Adding { sum, reading } = unsafe { &*adding.cast::<Adding>() };
        Self {
            sum: sum.clone(),
            reading: *reading,
            adder: FusedAdder::new(),
        }
    }

    /// # Safety
    /// As for `onto`.
    #[inline(always)]
    pub(crate) unsafe fn end(self, adding: *mut u8) {
        // SAFETY: promised by the caller.
        unsafe { (*adding.cast::<Adding>()).sum = self.sum };
    }
}

impl<const LEVEL: u8, D: Summand> Sink<D> for Adder<LEVEL> {
    #[inline(always)]
    fn take(&mut self, group: &Group<D>) {
        let mut doubles = [0.0; GROUP];
        for (double, value) in doubles.iter_mut().zip(&group.0) {
            *double = value.double();
        }
        self.sum.add(&doubles, self.adder);
    }

    #[inline(always)]
    fn reads<T>(&self, group: &[T]) {
        self.reading.ask(group);
    }
}

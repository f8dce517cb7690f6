//! The bells of all processes, where waking somebody is one step: `channel` has the steps of it apart.

/// One bit per process in each word.
#[derive(Clone, Copy, Default, Hash)]
pub(crate) struct Bells {
    /// Who has read its bell, to sleep until it changes; of event loops: who is to be sent a byte.
    watched: u8,
    /// Whose bell changed since it was read; of event loops: in whose pipe a byte is.
    rung: u8,
}

impl Bells {
    /// A thread reads its bell: `wait_slice`.
    pub(crate) fn watch(&mut self, me: usize) {
        self.watched |= 1 << me;
        self.rung &= !(1 << me);
    }

    /// An event loop sets its flag ARMED: `arm`. A byte that is in its pipe stays there.
    pub(crate) fn arm(&mut self, me: usize) {
        self.watched |= 1 << me;
    }

    /// Whether one that goes to sleep, or sleeps, is woken.
    pub(crate) fn wakes(&self, me: usize) -> bool {
        self.rung & 1 << me != 0
    }

    /// It is awake: `awake`, or the end of `wait_slice`.
    pub(crate) fn forget(&mut self, me: usize) {
        self.watched &= !(1 << me);
        self.rung &= !(1 << me);
    }

    /// `ring_participant`.
    pub(crate) fn ring(&mut self, target: usize, event_loop: bool) {
        let bit = self.watched & 1 << target;
        self.rung |= bit;
        if event_loop {
            // One byte per sleep: whoever takes the flag away writes it.
            self.watched &= !bit;
        }
    }

    /// `ring_all_after_death`: the byte is written whatever the flag says.
    pub(crate) fn ring_all(&mut self, live: u8, event_loop: bool) {
        if event_loop {
            self.rung |= live;
            self.watched &= !live;
        } else {
            self.rung |= live & self.watched;
        }
    }
}

/// Whom a waker at `me` takes out of a bitmap: the first one from itself on.
pub(crate) fn first_from(bits: u8, me: usize) -> Option<usize> {
    let turn = me as u32 % 8;
    let bit = (bits.rotate_right(turn).trailing_zeros() + turn) % 8;
    (bits != 0).then_some(bit as usize)
}

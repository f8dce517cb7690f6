//! What a round of the storm did, and what went wrong in it.

#[derive(Clone, Copy, Default)]
pub(crate) struct Report {
    pub(crate) kills: u64,
    pub(crate) abandoned: u64,
    pub(crate) stops: u64,
    pub(crate) messages: u64,
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    pub(crate) damaged: u64,
    pub(crate) leaked: u64,
    pub(crate) hung: u64,
    pub(crate) out_of_order: u64,
    pub(crate) redelivered: u64,
    pub(crate) with_consumer: u64,
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        [
            self.lost,
            self.duplicated,
            self.damaged,
            self.leaked,
            self.hung,
            self.out_of_order,
        ] == [0; 6]
    }
}

impl std::ops::AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.abandoned += other.abandoned;
        self.stops += other.stops;
        self.messages += other.messages;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.damaged += other.damaged;
        self.leaked += other.leaked;
        self.hung += other.hung;
        self.out_of_order += other.out_of_order;
        self.redelivered += other.redelivered;
        self.with_consumer += other.with_consumer;
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} kills, {} threads gave up, {} stops, {} messages, lost {}, duplicated {}, damaged {}, leaked {}, hung {}, \
             out of order {}; delivered again {}, died with their consumer {}",
            self.kills,
            self.abandoned,
            self.stops,
            self.messages,
            self.lost,
            self.duplicated,
            self.damaged,
            self.leaked,
            self.hung,
            self.out_of_order,
            self.redelivered,
            self.with_consumer,
        )
    }
}

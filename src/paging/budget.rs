//! Limits the requests of an enumeration, so that it ends even if the list never stops changing.

#[derive(Debug)]
pub(super) struct Budget {
    /// Pages requested, over all parts of a resumed enumeration.
    pub(super) requests: u64,
    /// No more requests than this. Unlimited before the first answer.
    max_requests: u64,
    /// Requests that brought nothing new.
    wasted_requests: u64,
    /// Pages that brought something new.
    useful_pages: u64,
    /// Wasted requests that are always allowed.
    spare: u64,
}

impl Budget {
    /// For an enumeration that continues at `page` after this many requests.
    pub(super) fn new(concurrency: usize, requests: u64, page: u64) -> Self {
        Self {
            requests,
            max_requests: u64::MAX,
            wasted_requests: 0,
            useful_pages: page,
            spare: 16 + 4 * concurrency as u64,
        }
    }

    /// Sets the limit when the first answer arrives and says how many pages there are.
    pub(super) fn limit(&mut self, pages: u64) {
        self.max_requests = self.requests - 1 + 2 * pages + self.spare;
    }

    pub(super) fn allows_request(&self) -> bool {
        self.requests < self.max_requests
    }

    pub(super) fn count_useful(&mut self) {
        self.useful_pages += 1;
    }

    pub(super) fn count_wasted(&mut self) {
        self.wasted_requests += 1;
    }

    /// Whether too many requests were wasted on a list that grew by this many pages.
    pub(super) fn is_exhausted(&self, pages_joined: u64) -> bool {
        self.wasted_requests > self.useful_pages + self.spare + pages_joined
    }
}

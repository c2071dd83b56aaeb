#include "policies/tokens/key_ring.hpp"

#include <utility>

namespace bearward::policies::tokens {

void key_ring::replace(key_set_ptr keys) {
    {
        const std::lock_guard lock(mutex_);
        keys_.swap(keys);
        epoch_.fetch_add(1, std::memory_order_release);
    }
    // The old set ends here at the earliest, outside the lock.
}

key_ring::edition key_ring::current() const {
    const std::lock_guard lock(mutex_);
    return {keys_, epoch_.load(std::memory_order_relaxed)};
}

} // namespace bearward::policies::tokens

#include "proxy/upstream/attempts.hpp"

namespace bearward::proxy::upstream {

sleeper::sleeper(deadline_wheel& wheel, attempts& among) : limit_(wheel, *this) {
    among.sleeping_.push_back(*this);
}

void wait_queue::wake_all() {
    decltype(sleepers) now;
    now.swap(sleepers);
    while (!now.empty()) {
        sleeper& first = now.front();
        now.pop_front(); // before it goes on, and may end
        first.wake();
    }
}

void attempts::cancel() {
    cancelled_ = true;
    while (!sleeping_.empty()) {
        sleeper& last = sleeping_.back();
        sleeping_.pop_back(); // first: it goes on at once, and may end
        last.wake();
    }
}

} // namespace bearward::proxy::upstream

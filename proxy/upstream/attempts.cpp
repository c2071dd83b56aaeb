#include "proxy/upstream/attempts.hpp"

namespace bearward::proxy::upstream {

void attempts::cancel() {
    cancelled_ = true;
    for (stream_socket* each : connecting_) {
        error_code ignored;
        each->close(ignored);
    }
    // Who wakes removes itself.
    while (!waiting_.empty()) {
        sleeper& last = *waiting_.back();
        waiting_.pop_back();
        last.wake();
    }
}

} // namespace bearward::proxy::upstream

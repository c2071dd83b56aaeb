#include "proxy/exchange/client_watch.hpp"

namespace bearward::proxy {
namespace {

// A client that ended its side may have left, or only be done with sending: a FIN
// says no more. It keeps what comes within this time of the last progress.
constexpr std::chrono::milliseconds half_closed_timeout{1000};

} // namespace

bool client_watch::check(bool reading) {
    if (peer_.broken()) {
        return false;
    }
    bool ended = peer_.peer_ended();
    if (!reading && !has_more_ && !ended_ && peer_.readable()) {
        char byte = 0;
        const auto seen = peer_.peek({&byte, 1});
        if (seen.what == io_result::kind::failed) {
            return false;
        }
        has_more_ = seen.done();
        ended |= seen.what == io_result::kind::end_of_stream;
    }
    if (ended && !ended_) {
        ended_ = true;
        limit_.arm(half_closed_timeout);
    }
    // The kernel's word, since bytes that nobody reads now stand before the end.
    peer_.want_end();
    if (!reading) {
        peer_.want_read();
    }
    return true;
}

void client_watch::moved() {
    if (ended_) {
        limit_.arm(half_closed_timeout);
    }
}

} // namespace bearward::proxy

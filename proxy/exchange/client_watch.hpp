// Whether the client of a relay is still there. A client that left ends the app's
// work, however much it sent before; one that only ended its side may still want
// its answer.
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"

#include <chrono>

namespace bearward::proxy {

class client_watch {
public:
    /// `limit` is armed here once the client has ended its side.
    client_watch(stream& peer, deadline& limit) noexcept : peer_(peer), limit_(limit) {}

    /// Looks again, and waits for the client's end. `reading`: its bytes are a body
    /// that somebody else reads. False: it is gone.
    [[nodiscard]] bool check(bool reading);
    /// Something went to or came from the client.
    void moved();
    /// It has ended its side: what comes within a second of the last progress is for it.
    [[nodiscard]] bool ended() const noexcept { return ended_; }
    /// Bytes were seen behind the request.
    [[nodiscard]] bool has_more() const noexcept { return has_more_; }

private:
    stream& peer_;
    deadline& limit_;
    bool has_more_ = false;
    bool ended_ = false;
};

} // namespace bearward::proxy

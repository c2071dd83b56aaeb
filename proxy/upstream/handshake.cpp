#include "proxy/upstream/handshake.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>

namespace bearward::proxy::upstream {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds warning_interval{10};

/// The failure, logged now and then.
connect_error fail(tls_target& server, connect_error::kind what, std::string_view why) {
    const auto now = clock::now();
    if (server.warned == clock::time_point{} || now - server.warned >= warning_interval) {
        server.warned = now;
        spdlog::warn("no TLS with the server {}: {}", server.server, why);
    }
    return {what, "TLS: " + std::string(why)};
}

/// Wakes the coroutine for the stream, for a stop, and when the time is over.
class handshake_wait {
public:
    handshake_wait(connect_context with, stream& peer) : peer_(peer), sleeper_(with.wheel, with.under_way) { peer_.listen(&sleeper_); }
    ~handshake_wait() { peer_.listen(nullptr); }
    handshake_wait(const handshake_wait&) = delete;
    handshake_wait& operator=(const handshake_wait&) = delete;

    [[nodiscard]] auto until(clock::time_point end) {
        sleeper_.limit(std::max(std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()), std::chrono::milliseconds{1}));
        return sleeper_.sleep();
    }

private:
    stream& peer_;
    sleeper sleeper_;
};

} // namespace

awaitable<std::optional<connect_error>> shake_hands(connect_context with, stream& peer, tls_target& server,
                                                    std::chrono::milliseconds timeout) {
    const auto end = clock::now() + timeout;
    auto session = server.context->connect(peer.descriptor(), server.host, server.last);
    if (!session) {
        co_return fail(server, connect_error::kind::refused, "no memory, or a name that can't be asked for");
    }
    peer.secure(std::move(session));
    handshake_wait wait(with, peer);
    while (true) {
        const auto result = peer.handshake();
        if (result.done()) {
            co_return std::nullopt;
        }
        if (!result.would_block()) {
            co_return fail(server, connect_error::kind::refused, peer.session()->failure());
        }
        if (with.under_way.cancelled()) {
            co_return connect_error{connect_error::kind::refused, "the process stops"};
        }
        if (clock::now() >= end) {
            co_return fail(server, connect_error::kind::timed_out, "the handshake takes too long");
        }
        peer.want_handshake();
        co_await wait.until(end);
    }
}

} // namespace bearward::proxy::upstream

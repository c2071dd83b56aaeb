#include "proxy/downstream/write.hpp"

#include "proxy/worker.hpp"

#include <algorithm>

namespace bearward::proxy::downstream {
namespace {

/// How long a client may take to notice that the connection ends.
constexpr std::chrono::milliseconds linger_time{1000};

/// Waits until the client's bytes are in the buffer. False: it left, or the deadline passed.
awaitable<bool> read_more(connection& client, exchange& x) {
    stream& peer = client.peer();
    while (true) {
        if (!peer.readable()) {
            if (x.owner.stopping()) {
                co_return false; // it has been told before: nobody wakes it again
            }
            peer.want_read();
            co_await x.wake.wait();
            if (x.owner.stopping() || x.read_deadline.expired()) {
                co_return false;
            }
            continue;
        }
        const auto got = peer.read_some(x.from_client.make_space(exchange::buffer_size));
        if (got.done()) {
            x.from_client.commit(got.bytes);
            co_return true;
        }
        if (!got.would_block()) {
            co_return false;
        }
    }
}

} // namespace

awaitable<bool> write_all(connection& client, exchange& x, std::string_view text) {
    stream& peer = client.peer();
    x.write_deadline.arm(x.rules->settings.limits.write_timeout);
    while (!text.empty()) {
        const iovec piece{const_cast<char*>(text.data()), text.size()};
        const auto sent = peer.write_some({&piece, 1});
        if (sent.done()) {
            text.remove_prefix(sent.bytes);
            x.record.bytes_out += sent.bytes;
            continue;
        }
        if (!sent.would_block() || x.owner.stopping()) {
            break;
        }
        peer.want_write();
        co_await x.wake.wait();
        if (x.owner.stopping() || x.write_deadline.expired()) {
            break;
        }
    }
    x.write_deadline.disarm();
    co_return text.empty();
}

awaitable<bool> drop_body(connection& client, exchange& x) {
    std::size_t allowed = longest_dropped_body;
    std::uint64_t remaining = x.request.content_length;
    http::chunk_decoder decoder;
    const auto framing = x.request.framing;
    if (framing == http::body_framing::none) {
        co_return true;
    }
    if (framing == http::body_framing::content_length && remaining > allowed) {
        co_return false;
    }
    x.read_deadline.arm(x.rules->settings.limits.request_body_timeout);
    while (true) {
        std::size_t taken = 0;
        bool ended = false;
        if (framing == http::body_framing::content_length) {
            taken = static_cast<std::size_t>(std::min<std::uint64_t>(remaining, x.from_client.size()));
            remaining -= taken;
            ended = remaining == 0;
        } else if (!x.from_client.empty()) {
            const auto step = decoder.next(x.from_client.data());
            if (step.what == http::chunk_decoder::state::malformed) {
                co_return false;
            }
            taken = step.consumed;
            ended = step.what == http::chunk_decoder::state::done;
        }
        x.from_client.consume(taken);
        x.record.bytes_in += taken;
        if (ended) {
            x.read_deadline.disarm();
            co_return true;
        }
        if (taken > allowed) {
            co_return false;
        }
        allowed -= taken;
        if (x.from_client.empty() && !co_await read_more(client, x)) {
            co_return false;
        }
    }
}

awaitable<> linger(connection& client, exchange& x) {
    client.peer().shutdown_write();
    x.read_deadline.arm(linger_time);
    std::size_t dropped = x.from_client.size();
    x.from_client.clear(exchange::buffer_size);
    while (dropped < longest_dropped_body) {
        if (!co_await read_more(client, x)) {
            co_return;
        }
        dropped += x.from_client.size();
        x.from_client.clear(exchange::buffer_size);
    }
    // Unread bytes would turn the close into a reset that can overtake the answer.
    while (!x.read_deadline.expired() && !x.owner.stopping()) {
        co_await x.wake.wait();
    }
}

} // namespace bearward::proxy::downstream

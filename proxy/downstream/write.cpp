#include "proxy/downstream/write.hpp"

#include "proxy/downstream/client_stream.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>

namespace bearward::proxy::downstream {
namespace {

/// How long a client may take to notice that the connection ends, without sending anything.
constexpr std::chrono::milliseconds linger_time{1000};

/// Waits until the client's bytes are in the buffer. False: it left, or the deadline passed.
awaitable<bool> read_more(client_stream& client, exchange& x) {
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

awaitable<bool> write_all(client_stream& client, exchange& x, std::string_view text) {
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

awaitable<dropped> drop_body(client_stream& client, exchange& x, const drop_limits& at_most, bool ends) {
    using status = http::body_relay::status;
    const auto end = std::chrono::steady_clock::now() + at_most.time;
    const auto pause = std::min(at_most.pause, x.rules->settings.limits.request_body_timeout);
    if (x.body_begun) {
        x.upload.drop_rest(at_most.bytes);
    } else {
        const auto& request = x.request;
        x.upload.start_dropping(
            client.peer(), x.from_client,
            {.in = request.framing, .content_length = request.content_length, .max_trailers = x.rules->settings.limits.max_request_head},
            at_most.bytes);
        x.body_begun = true;
    }
    auto before = x.upload.body_bytes();
    x.read_deadline.arm(pause);
    while (true) {
        if (ends) {
            ends = !client.peer().shutdown_write();
            if (ends) {
                client.peer().want_write();
            }
        }
        const auto result = x.upload.pump();
        const bool moved = x.upload.body_bytes() != before;
        x.record.bytes_in += x.upload.body_bytes() - before;
        before = x.upload.body_bytes();
        if (result != status::blocked_on_source && result != status::again) {
            x.read_deadline.disarm();
            const bool gone = result == status::source_failed;
            co_return result == status::finished ? dropped::whole : gone ? dropped::over : dropped::in_part;
        }
        if (moved) {
            const auto left = std::chrono::floor<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            x.read_deadline.arm(std::clamp(left, std::chrono::milliseconds{1}, pause));
        }
        if (x.owner.stopping()) {
            co_return dropped::over; // all were told before: nobody wakes it again
        }
        if (result == status::again) {
            x.owner.loop().give_up_turn(x.wake);
        }
        co_await x.wake.wait();
        if (x.owner.stopping() || x.read_deadline.expired() || std::chrono::steady_clock::now() >= end) {
            co_return dropped::over;
        }
    }
}

awaitable<bool> end_writing(client_stream& client, exchange& x) {
    stream& peer = client.peer();
    if (peer.shutdown_write()) {
        co_return true;
    }
    bool ended = false;
    x.write_deadline.arm(x.rules->settings.limits.write_timeout);
    while (!ended && !x.owner.stopping() && !x.write_deadline.expired()) {
        peer.want_write();
        co_await x.wake.wait();
        ended = peer.shutdown_write();
    }
    x.write_deadline.disarm();
    co_return ended;
}

awaitable<> linger(client_stream& client, exchange& x, std::uint64_t at_most) {
    if (!co_await end_writing(client, x)) {
        co_return;
    }
    const auto end = std::chrono::steady_clock::now() + after_own_answer.time;
    x.read_deadline.arm(linger_time);
    std::uint64_t heard = x.from_client.size();
    x.from_client.clear(exchange::buffer_size);
    for (int reads = 1; heard < at_most; ++reads) {
        if (reads % reads_a_turn == 0) {
            x.owner.loop().give_up_turn(x.wake);
            co_await x.wake.wait();
        }
        if (!co_await read_more(client, x) || std::chrono::steady_clock::now() >= end) {
            co_return;
        }
        heard += x.from_client.size();
        x.from_client.clear(exchange::buffer_size);
        x.read_deadline.arm(linger_time);
    }
    // Unread bytes would turn the close into a reset that can overtake the answer.
    while (!x.read_deadline.expired() && !x.owner.stopping()) {
        co_await x.wake.wait();
    }
}

awaitable<> drop_and_linger(client_stream& client, exchange& x, const drop_limits& at_most) {
    const auto how = co_await drop_body(client, x, at_most, true);
    if (how == dropped::over) {
        (void)co_await end_writing(client, x); // the connection is closed either way
    } else {
        co_await linger(client, x, how == dropped::whole ? after_own_answer.bytes : 0);
    }
}

} // namespace bearward::proxy::downstream

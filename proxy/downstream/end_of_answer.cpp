#include "proxy/downstream/end_of_answer.hpp"

#include "proxy/exchange/account.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/http/http1_answer.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace bearward::proxy::downstream {
namespace {

/// How much is read of a client whose answer is out: clients that send all before
/// they read get it only so.
struct drop_limits {
    std::uint64_t bytes;
    std::chrono::milliseconds time;
    std::chrono::milliseconds pause; ///< between two reads
};
constexpr drop_limits after_own_answer{http::longest_dropped_body, std::chrono::seconds{5}, std::chrono::seconds{5}};
constexpr drop_limits after_upstreams_answer{std::numeric_limits<std::uint64_t>::max(), std::chrono::seconds{30}, std::chrono::seconds{5}};

/// How long a client may take to notice that the connection ends, without sending anything.
constexpr std::chrono::milliseconds linger_time{1000};

/// Waits until the client's bytes are in the buffer. False: it left, or the deadline passed.
awaitable<bool> read_more(http1_client& client, waits& w, read_buffer& from_client) {
    stream& peer = client.peer();
    while (true) {
        if (!peer.readable()) {
            if (w.owner.stopping()) {
                co_return false; // it was woken for the stop: nothing wakes it again
            }
            peer.want_read();
            co_await w.wake.wait();
            if (w.owner.stopping() || w.read_deadline.expired()) {
                co_return false;
            }
            continue;
        }
        const auto got = peer.read_some(from_client.make_space(exchange::buffer_size));
        if (got.done()) {
            from_client.commit(got.bytes);
            co_return true;
        }
        if (!got.would_block()) {
            co_return false;
        }
    }
}

/// What became of a body that is dropped.
enum class dropped : std::uint8_t {
    whole,   ///< it ended
    in_part, ///< more comes than is read, or it is malformed
    over,    ///< the client left, or its time is over
};

/// Reads the rest of the request's body and drops it, from where exchange::upload stands.
/// `ends`: what is sent to the client ends at once, or as soon as there is room: it may read the
/// answer's end while it still sends.
awaitable<dropped> drop_body(http1_client& client, exchange& x, const drop_limits& at_most, bool ends = false) {
    using status = http::body_status;
    if (x.body_read) {
        co_return dropped::whole;
    }
    const auto end = std::chrono::steady_clock::now() + at_most.time;
    const auto pause = std::min(at_most.pause, x.generation.limits().request_body_timeout);
    if (x.body_begun) {
        x.upload.drop_rest(at_most.bytes);
    } else {
        const auto& request = x.received.head;
        x.upload.start_dropping(
            client.peer(), x.from_client,
            {.framing = request.framing, .content_length = request.content_length, .max_trailers = x.generation.limits().max_request_head},
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
        x.account.record.bytes_in += x.upload.body_bytes() - before;
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
            co_return dropped::over; // all were woken for the stop: nothing wakes it again
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

/// Ends what is sent to the client: with TLS that is a record, for which there has to be room
/// within `patience`. Without it the client would take an answer that ends so for a cut one.
/// False: it is not out, because the client does not read or the process stops.
awaitable<bool> end_writing(http1_client& client, waits& w, std::chrono::milliseconds patience) {
    stream& peer = client.peer();
    if (peer.shutdown_write()) {
        co_return true;
    }
    bool ended = false;
    w.write_deadline.arm(patience);
    while (!ended && !w.owner.stopping() && !w.write_deadline.expired()) {
        peer.want_write();
        co_await w.wake.wait();
        ended = peer.shutdown_write();
    }
    w.write_deadline.disarm();
    co_return ended;
}

/// Ends the client's connection so that the answer just written arrives although
/// the client may still be sending: no more writes, then a moment of reading, up to
/// so many bytes (RFC 9112 section 9.6).
awaitable<> linger(http1_client& client, exchange& x, std::uint64_t at_most = after_own_answer.bytes) {
    if (!co_await end_writing(client, x, x.generation.limits().write_timeout)) {
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
        if (!co_await read_more(client, x, x.from_client) || std::chrono::steady_clock::now() >= end) {
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

/// Ends the client's connection after an answer behind which more of the request's body may come.
awaitable<> drop_and_linger(http1_client& client, exchange& x, const drop_limits& at_most) {
    const auto how = co_await drop_body(client, x, at_most, true);
    if (how == dropped::over) {
        (void)co_await end_writing(client, x, x.generation.limits().write_timeout); // the connection is closed either way
    } else {
        co_await linger(client, x, how == dropped::whole ? after_own_answer.bytes : 0);
    }
}

/// Whether the client sends no more (RFC 9112 section 9.6), so that a close at once is no
/// reset. Some send a line end after a body: they are heard out.
bool has_said_its_last(http1_client& client, const http::request_head& request, const read_buffer& from_client) {
    return !request.keep_alive && request.framing == http::body_framing::none && from_client.empty() && !client.peer().readable();
}

/// The next request begins behind the body of this one, which nobody wants.
awaitable<> pass_over_body(http1_client& client, exchange& x) {
    const auto how = co_await drop_body(client, x, after_own_answer);
    client.set_goes_on(how == dropped::whole);
    if (how == dropped::in_part) {
        co_await linger(client, x, 0);
    }
}

} // namespace

awaitable<> end_answer(http1_client& client, exchange& x) {
    if (client.goes_on()) {
        co_await pass_over_body(client, x);
        co_return;
    }
    // The answer's last bytes wait for the end (MSG_MORE); a close with something unread would drop them.
    const bool silent = x.answered == answered_by::upstream && has_said_its_last(client, x.received.head, x.from_client);
    const bool ended = silent && client.peer().shutdown_write();
    finish_record(x.account, x.owner); // it waits neither for a body that is dropped nor for the client
    switch (x.answered) {
    case answered_by::nobody:
        break;
    case answered_by::upstream:
        if (silent && !ended) {
            (void)co_await end_writing(client, x, x.generation.limits().write_timeout);
        } else if (!silent) {
            co_await drop_and_linger(client, x, after_upstreams_answer);
        }
        break;
    case answered_by::bearward:
        if (client.leaves_doubt()) {
            co_await linger(client, x);
        } else {
            co_await drop_and_linger(client, x, after_own_answer);
        }
        break;
    }
}

} // namespace bearward::proxy::downstream

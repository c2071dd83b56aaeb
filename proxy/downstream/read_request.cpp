#include "proxy/downstream/read_request.hpp"

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/request_form.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy::downstream {
namespace {

using policies::reason;

/// What follows a whole, sound head: the path, and whether it opens a WebSocket.
read_result judge_form(exchange& x) {
    const request_form form = check_form(x.received.head, x.generation.rules->rules().path_reading, x.received.path_memory);
    x.received.path = form.path;
    x.received.websocket = form.websocket;
    if (form.status != 0) {
        x.received.refuse({form.status, form.why, form.recoverable, form.detail});
    }
    return read_result::request;
}

} // namespace

awaitable<read_result> read_request(client_stream& client, exchange& x) {
    stream& peer = client.peer();
    std::size_t scanned = 0;
    for (int reads = 1;; ++reads) {
        x.take_rules(client); // anew after each wait: what counts is when the head is whole
        if (!x.from_client.empty()) {
            const auto outcome =
                http::parse_request_head(x.from_client.data(), x.generation.rules->request_limits, x.received.head, &scanned);
            if (outcome.state != http::head_state::incomplete) {
                x.read_deadline.disarm();
            }
            if (outcome.state == http::head_state::refused) {
                // What is whole is done with; otherwise it would be refused again and again.
                x.from_client.consume(outcome.recoverable ? x.received.head.size : 0);
                x.received.refuse({outcome.status, outcome.why, outcome.recoverable, outcome.detail});
                co_return read_result::request;
            }
            if (outcome.state == http::head_state::complete) {
                x.from_client.consume(x.received.head.size);
                co_return judge_form(x);
            }
        }
        if (!peer.readable() || reads % reads_a_turn == 0) {
            if (!peer.readable() && x.from_client.empty()) {
                co_return read_result::nothing;
            }
            if (!x.read_deadline.armed()) {
                x.read_deadline.arm(x.generation.rules->settings.limits.request_head_timeout);
            }
            peer.readable() ? x.owner.loop().give_up_turn(x.wake) : peer.want_read();
            co_await x.wake.wait();
            if (x.owner.stopping()) {
                co_return read_result::closed;
            }
            if (x.read_deadline.expired()) {
                x.received.forget_head(); // views of an unfinished head, maybe into a block that is gone
                x.received.refuse({408, reason::limit_exceeded, false, {}});
                co_return read_result::request;
            }
            continue;
        }
        const std::size_t room = std::max<std::size_t>(exchange::buffer_size - std::min(exchange::buffer_size, x.from_client.size()), 4096);
        const auto got = peer.read_some(x.from_client.make_space(room));
        if (got.done()) {
            x.from_client.commit(got.bytes);
        } else if (!got.would_block()) {
            co_return read_result::closed;
        }
    }
}

} // namespace bearward::proxy::downstream

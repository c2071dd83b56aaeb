#include "proxy/exchange/reject_websocket.hpp"

#include "proxy/exchange/account.hpp"
#include "proxy/exchange/route_fields.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/websocket/close_frame.hpp"
#include "proxy/websocket/frame_scanner.hpp"
#include "proxy/websocket/handshake.hpp"
#include "proxy/websocket/rejection.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {
namespace {

/// Up to 2 s for the client's Close (proxy/BEHAVIOUR.md 9.4).
constexpr std::chrono::milliseconds close_grace{2000};
constexpr std::size_t most_after_close = std::size_t{64} * 1024;

/// Waits for the client's Close, its end, or the grace time.
awaitable<> await_close(client_stream& client, waits& w, read_buffer& from_client) {
    websocket::frame_scanner scanner;
    w.read_deadline.arm(close_grace);
    scanner.scan(from_client.data());
    from_client.clear(exchange::buffer_size);
    std::size_t total = 0; // who sends on and on instead of closing is not heard out
    for (int reads = 1; (!scanner.close_seen() || !scanner.at_boundary()) && total <= most_after_close; ++reads) {
        if (w.owner.stopping() || w.read_deadline.expired()) {
            co_return;
        }
        if (!client.readable() || reads % reads_a_turn == 0) {
            client.readable() ? w.owner.loop().give_up_turn(w.wake) : client.want_read();
            co_await w.wake.wait();
            continue;
        }
        const auto space = from_client.make_space(exchange::buffer_size);
        const auto got = client.read_some(space);
        if (!got.done() && !got.would_block()) {
            co_return;
        }
        total += got.bytes;
        scanner.scan({space.data(), got.bytes});
    }
}

} // namespace

awaitable<> accept_and_close(client_stream& client, exchange& x, const policies::denial& denied, const policies::answer& what) {
    websocket::make_client_handshake(x.received.head.find("Sec-WebSocket-Key"),
                                     websocket::choose_rejection_subprotocol(denied.subprotocols), x.account.request_id, nullptr, nullptr,
                                     x.answer_head);
    add_route_fields(x.rate, x.answer_head);
    client_stream::put_interim(x.answer_head, x.out);
    x.out += websocket::make_server_close(what.close_code, what.detail);
    x.response_started = true;
    x.account.record.status = 101;
    x.account.record.close_code = what.close_code;
    x.account.record.closed_by = closer::bearward;
    x.account.record.why = denied.why;
    x.account.counts->closed(denied.why);
    count_decision(x.account);
    if (co_await write_all(client, x, x.out, x.generation.limits().write_timeout, x.account.record.bytes_out)) {
        co_await await_close(client, x, x.from_client);
    }
}

} // namespace bearward::proxy

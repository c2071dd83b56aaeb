#include "proxy/downstream/read_request.hpp"

#include "proxy/exchange/request_form.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/http/asked_request.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy::downstream {
namespace {

using policies::reason;

/// What another proxy asks about, in place of the request by which it asks.
void judge_asked(const http1_client& client, const rules_generation& generation, request_memory& memory, received_request& request) {
    request.for_another = true;
    request.asked_by_head = request.head.method == "HEAD";
    if (!generation.trusted().contains(client.client_address())) {
        request.refuse({403, reason::bad_request, true, "the peer is none of trusted_proxies"});
        return;
    }
    const auto read = http::read_asked_request(generation.rules->request_limits, memory.asked, request.head);
    if (read.state != http::head_state::complete) {
        request.refuse({read.status, read.why, true, read.detail});
        return;
    }
    const auto path = policies::requests::parse_path(request.head.path, generation.rules->rules().path_reading, memory.path);
    if (!path || path->path != request.head.path) {
        request.refuse({400, reason::bad_request, true, "the path that is asked about is not canonical"});
        return;
    }
    request.path = *path;
    if (http::brings_what_is_dropped(request.head.fields, generation.rules->rewrite)) {
        request.refuse({400, reason::bad_request, true, "a field that is never forwarded would be, by the other proxy"});
        return;
    }
    request.websocket = request.head.find("Sec-WebSocket-Key").data() != nullptr; // Upgrade is for one hop, and does not come
}

/// What follows a whole, sound head: the path, and whether it opens a WebSocket.
void judge_form(const rules_generation& generation, policies::requests::path_scratch& memory, received_request& request) {
    const request_form form = check_form(request.head, generation.rules->rules().path_reading, memory);
    request.path = form.path;
    request.websocket = form.websocket;
    if (form.status != 0) {
        request.refuse({form.status, form.why, form.recoverable, form.detail});
    }
}

} // namespace

awaitable<read_result> read_request(http1_client& client, exchange& x) {
    stream& peer = client.peer();
    received_request& request = x.reading;
    std::size_t scanned = 0;
    for (int reads = 1;; ++reads) {
        x.take_rules(client); // anew after each wait: what counts is when the head is whole
        if (!x.from_client.empty()) {
            const auto outcome = http::parse_request_head(x.from_client.data(), x.generation.rules->request_limits, request.head, &scanned);
            if (outcome.state != http::head_state::incomplete) {
                x.read_deadline.disarm();
            }
            if (outcome.state == http::head_state::refused) {
                // What is whole is done with; otherwise it would be refused again and again.
                x.from_client.consume(outcome.recoverable ? request.head.size : 0);
                request.refuse({outcome.status, outcome.why, outcome.recoverable, outcome.detail});
                co_return read_result::request;
            }
            if (outcome.state == http::head_state::complete) {
                x.from_client.consume(request.head.size);
                if (x.generation.for_another != x.generation.rules->decides_for_another(x.generation.listener)) {
                    // A question taken for a request, or the other way round, would get another's answer.
                    request.refuse({503, reason::upstream_unavailable, false, "a reload has closed its listener or changed its mode"});
                } else if (x.generation.for_another) {
                    judge_asked(client, x.generation, x.memory, request);
                } else {
                    judge_form(x.generation, x.memory.path, request);
                }
                co_return read_result::request;
            }
        }
        if (!peer.readable() || reads % reads_a_turn == 0) {
            if (!peer.readable() && x.from_client.empty()) {
                co_return read_result::nothing;
            }
            if (!x.read_deadline.armed()) {
                x.read_deadline.arm(x.generation.limits().request_head_timeout);
            }
            peer.readable() ? x.owner.loop().give_up_turn(x.wake) : peer.want_read();
            co_await x.wake.wait();
            if (x.owner.stopping()) {
                co_return read_result::closed;
            }
            if (x.read_deadline.expired()) {
                request.forget_head(); // views of an unfinished head, maybe into a block that is gone
                request.refuse({408, reason::limit_exceeded, false, {}});
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

#include "proxy/exchange/exchange.hpp"

#include "policies/invariant.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

exchange::exchange(worker_context& of)
    : owner(of), read_deadline(of.wheel(), *this), write_deadline(of.wheel(), *this), response_deadline(of.wheel(), *this),
      end_deadline(of.wheel(), *this) {}

void exchange::begin() {
    disarm();         // one that was left armed would end the next request
    forget_request(); // its views are into what has been read before
    path = {};
    trusted_peer = false;
    websocket = false;
    refused = {};
    answered = answered_by::nobody;
    body_begun = false;
    keep_alive = false;
    response_started = false;
    out.clear();
    upstream_head.clear();
    request_id.clear();
    record.clear();
    response_changes = nullptr;
    counts = nullptr;
    upstream_counts = nullptr;
    started = std::chrono::steady_clock::now();
}

void exchange::take_rules(const client_stream& client) {
    if (rules != owner.rules()) {
        rules = owner.rules();
        upstreams = owner.upstreams();
        policies::invariant(upstreams->size() == rules->settings.upstreams.size(), "rules and their upstreams are of one generation");
    }
    listener = client.listener(); // a reload renumbers them: the number belongs to these rules
}

void exchange::disarm() noexcept {
    for (deadline* each : {&read_deadline, &write_deadline, &response_deadline, &end_deadline}) {
        each->disarm();
    }
    wake.unlink(); // nor should a turn that is no longer waited for
}

void exchange::forget_request() {
    request.method = request.target = request.path = request.query = {};
    request.fields.clear();
}

void exchange::rest() {
    begin();
    upload.finish(); // after an exception it may still have a pipe
    download.finish();
    rules.reset();
    upstreams.reset();
    from_client.clear(buffer_size);
    from_upstream.clear(buffer_size);
    forwarded_head.shrink(buffer_size);
    answer_head.shrink(buffer_size);
    for (std::string* text :
         {&out, &upstream_head, &path_memory.path, &path_memory.resolved, &credential_memory.token, &credential_memory.query}) {
        if (text->capacity() > buffer_size) {
            std::string{}.swap(*text);
        }
    }
}

} // namespace bearward::proxy

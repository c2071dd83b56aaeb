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
    received.clear(); // its views are into what has been read before
    account.begin();
    attempt.head_text.clear();
    attempt.response_changes = nullptr;
    generation.trusts_peer = false;
    out.clear();
    answered = answered_by::nobody;
    body_begun = false;
    keep_alive = false;
    response_started = false;
}

void exchange::take_rules(const client_stream& client) {
    if (generation.rules != owner.rules()) {
        generation.rules = owner.rules();
        generation.upstreams = owner.upstreams();
        policies::invariant(generation.upstreams->size() == generation.rules->settings.upstreams.size(),
                            "rules and their upstreams are of one generation");
    }
    generation.listener = client.listener(); // a reload renumbers them: the number belongs to these rules
}

void exchange::disarm() noexcept {
    for (deadline* each : {&read_deadline, &write_deadline, &response_deadline, &end_deadline}) {
        each->disarm();
    }
    wake.unlink(); // nor should a turn that is no longer waited for
}

void exchange::rest() {
    begin();
    upload.finish(); // after an exception it may still have a pipe
    download.finish();
    generation.let_go();
    from_client.clear(buffer_size);
    attempt.from_upstream.clear(buffer_size);
    // A head's own texts are parts of what was written of it.
    if (attempt.head_text.capacity() > buffer_size) {
        attempt.head.shrink(buffer_size);
    }
    if (out.capacity() > buffer_size) {
        answer_head.shrink(buffer_size);
    }
    for (std::string* text : {&out, &attempt.head_text, &received.path_memory.path, &received.path_memory.resolved,
                              &received.credential_memory.token, &received.credential_memory.query}) {
        if (text->capacity() > buffer_size) {
            std::string{}.swap(*text);
        }
    }
}

} // namespace bearward::proxy

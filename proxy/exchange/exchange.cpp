#include "proxy/exchange/exchange.hpp"

#include "policies/invariant.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

exchange::exchange(worker_context& of) : waits(of) {}

void exchange::begin() {
    disarm();        // one that was left armed would end the next request
    reading.clear(); // its views are into what has been read before
    account.begin();
    attempt.head_text.clear();
    attempt.response_changes = nullptr;
    cors.rules = nullptr;
    generation.trusts_peer = false;
    decision.reset(); // its views are into what has been read before
    rate = {};
    user_slot = {};
    socket_slot = {};
    guard.reset();
    out.clear();
    answered = answered_by::nobody;
    body_begun = body_read = false;
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
    generation.for_another = client.decides_for_another();
}

void exchange::take_cors(const policies::rules::route* route) {
    if (received.for_another) {
        return; // the other proxy's app answers its pages
    }
    const auto& rules = route == nullptr ? generation.rules->rules().cors : route->cors.rules;
    cors.choose(rules.get(), received.head.fields);
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
    for (std::string* text : {&out, &attempt.head_text, &memory.path.path, &memory.path.resolved, &memory.asked, &memory.credential.token,
                              &memory.credential.query}) {
        if (text->capacity() > buffer_size) {
            std::string{}.swap(*text);
        }
    }
}

} // namespace bearward::proxy

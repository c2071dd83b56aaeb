// A request as it was read: constant for all that comes after its head is whole, or refused.
#pragma once

#include "policies/requests/credentials.hpp"
#include "policies/requests/target.hpp"
#include "proxy/exchange/form_refusal.hpp"
#include "proxy/http/head.hpp"

namespace bearward::proxy {

/// What views into rewritten parts of a request point to; kept for its capacity.
struct request_memory {
    policies::requests::path_scratch path;
    policies::requests::credential_scratch credential;
    std::string asked; ///< of the request that another proxy asks about
};

struct received_request {
    http::request_head head; ///< views into what was read
    policies::requests::canonical_path path;
    bool websocket = false;     ///< a valid opening handshake
    form_refusal refused;       ///< in place of a request that can be judged
    bool for_another = false;   ///< another proxy asks about it and forwards it: the head has its method, target and host
    bool asked_by_head = false; ///< by a HEAD, whose answer has no body

    /// Whether its answer has no body, whatever it is.
    [[nodiscard]] bool wants_head_alone() const noexcept { return for_another ? asked_by_head : head.method == "HEAD"; }

    /// Nothing has been read.
    void clear() noexcept {
        forget_head();
        path = {};
        websocket = for_another = asked_by_head = false;
        refused = {};
    }
    /// Drops what is known of the head, views and all.
    void forget_head() noexcept {
        head.method = head.target = head.path = head.query = {};
        head.host.clear();
        head.authority.clear();
        head.fields.clear();
    }
    /// It is answered with `why`. Of a head whose end is unknown the fields can't be relied on.
    void refuse(const form_refusal& why) noexcept {
        refused = why;
        if (!why.recoverable) {
            head.fields.clear();
        }
    }
};

} // namespace bearward::proxy

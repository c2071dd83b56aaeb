// A request as it was read: constant once its head is whole, or refused.
#pragma once

#include "policies/requests/credentials.hpp"
#include "policies/requests/target.hpp"
#include "proxy/exchange/form_refusal.hpp"
#include "proxy/http/head.hpp"

namespace bearward::proxy {

struct received_request {
    http::request_head head; ///< views into what was read
    policies::requests::canonical_path path;
    bool websocket = false; ///< a valid opening handshake
    form_refusal refused;   ///< in place of a request that can be judged

    /// What views into rewritten parts of it point to; kept for its capacity.
    policies::requests::path_scratch path_memory;
    policies::requests::credential_scratch credential_memory;

    /// Nothing has been read.
    void clear() noexcept {
        forget_head();
        path = {};
        websocket = false;
        refused = {};
    }
    /// Drops what is known of the head, views and all.
    void forget_head() noexcept {
        head.method = head.target = head.path = head.query = {};
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

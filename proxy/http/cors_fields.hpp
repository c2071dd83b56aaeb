// The CORS fields of responses (Fetch Standard section 3.2.3, proxy/BEHAVIOUR.md 19): what a route
// says to pages of other origins, in place of what its upstream says. Pure.
#pragma once

#include "policies/requests/cors.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"

#include <span>
#include <string>

namespace bearward::proxy::http {

/// What the answers to one request say. Kept from before its body is read, when the views into
/// its head end; the memory is reused.
struct cors_answer {
    const policies::requests::cors_rules* rules = nullptr; ///< null: nothing is said
    std::string origin;                                    ///< Access-Control-Allow-Origin; empty: not accepted

    /// Takes the rules (null: none) for a request with these fields.
    void choose(const policies::requests::cors_rules* by, std::span<const header> fields) {
        rules = by;
        if (by != nullptr) {
            origin = policies::requests::allowed_origin(*by, fields);
        }
    }
};

/// Whether the fields have a Vary that covers Origin.
[[nodiscard]] bool varies_by_origin(std::span<const header> fields) noexcept;

/// Adds what an answer says that is none to a preflight, without Vary. `out` holds views into `what`.
void add_cors(const cors_answer& what, outgoing_response& out);

/// Adds what the answer to a preflight says, with Vary.
void add_preflight(const cors_answer& what, outgoing_response& out);

} // namespace bearward::proxy::http

// The gate: whether the fields of a head, taken together, leave one reading of
// where the message ends and whom it is for (RFC 9112 sections 3.2, 6 and 9.3,
// proxy/BEHAVIOUR.md 1). The parser shows it each field once, in order, and asks for a
// verdict at the end; it never guesses.
#pragma once

#include "proxy/http/head.hpp"

#include <string_view>

namespace bearward::proxy::http {

/// What the gate remembers of the fields it was shown.
struct gate_notes {
    std::string_view host;
    std::string_view content_length; ///< of the last such field
    std::string_view transfer_encoding;
    unsigned hosts = 0;
    unsigned content_lengths = 0;
    unsigned transfer_encodings = 0;
    bool close = false;      ///< Connection: close
    bool keep_alive = false; ///< Connection: keep-alive
    bool expects_continue = false;
    bool expects_other = false;
    bool accepts_trailers = false;
};

/// Notes one field; the others than the gate's own pass unseen.
void note_field(const header& field, gate_notes& notes) noexcept;

/// The verdict on a request whose line and fields are read: complete, with
/// framing, keep_alive, host and authority of `head` set, or refused.
/// `target_authority` is that of the absolute form; null data: another form.
[[nodiscard]] head_outcome check_request(const gate_notes& notes, std::string_view target_authority, request_head& head);

/// The same for a response to `request_method`.
[[nodiscard]] head_outcome check_response(const gate_notes& notes, std::string_view request_method, response_head& head) noexcept;

/// A refusal of a request that ends the connection.
[[nodiscard]] constexpr head_outcome refuse_request(unsigned status, std::string_view detail) noexcept {
    const auto why = status == 405                      ? policies::reason::method_not_allowed
                     : (status == 414 || status == 431) ? policies::reason::limit_exceeded
                                                        : policies::reason::bad_request;
    return {.state = head_state::refused, .status = status, .why = why, .detail = detail, .recoverable = false};
}

/// A refusal of a response.
[[nodiscard]] constexpr head_outcome refuse_response(std::string_view detail) noexcept {
    return {.state = head_state::refused, .status = 502, .why = policies::reason::upstream_error, .detail = detail, .recoverable = false};
}

} // namespace bearward::proxy::http

// How an answer goes to a client of HTTP/1: whether its connection goes on (RFC 9112 section 9.3)
// and how its body is framed (section 6). Pure; client_stream applies it.
#pragma once

#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"
#include "proxy/http/request_rest.hpp"

#include <cstdint>

namespace bearward::proxy::http {

/// Of a body that nobody wants: what is longer ends the connection instead.
inline constexpr std::uint64_t longest_dropped_body = std::uint64_t{1024} * 1024;

/// Whether another request may follow an answer of our own, behind a body that is read and dropped.
[[nodiscard]] bool may_follow_own_answer(const request_head& request, const request_rest& rest) noexcept;

/// Whether what follows such an answer is unknown: where the request ends can't be found, or the
/// client waits for 100 Continue and sends no body now.
[[nodiscard]] bool leaves_doubt(const request_head& request, const request_rest& rest) noexcept;

/// Whether another request may follow a response that is relayed. `client_ended`: it sends nothing more.
[[nodiscard]] bool may_follow_response(const request_head& request, const request_rest& rest, bool client_ended) noexcept;

/// Says in the head of a final answer what ends its body, and what becomes of the connection.
/// `has_body`: one follows the head. Returns whether the connection goes on: where it may and the
/// body does not end with it, as one of unknown length does for HTTP/1.0, which has no chunks.
[[nodiscard]] bool finish_head(const request_head& request, bool has_body, bool may_go_on, outgoing_response& head) noexcept;

} // namespace bearward::proxy::http

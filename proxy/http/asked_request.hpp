// The request that another proxy asks about (ForwardAuth of Traefik, auth_request of nginx, forward_auth of Caddy):
// what it is stands in fields of the asking one.
#pragma once

#include "proxy/http/head.hpp"
#include "proxy/http/head_rewrite.hpp"

#include <span>
#include <string>

namespace bearward::proxy::http {

/// Puts the method, target, host and authority of the asked request into `head`, in place of the asking one's, by the
/// rules of parse_request_head; its fields and its framing stay, but for Host. They are X-Forwarded-Method,
/// X-Forwarded-Host and X-Forwarded-Uri, or X-Original-Method, X-Original-Host and X-Original-URL or X-Original-URI: each
/// once, in one spelling, and nothing of the other family. The target is in origin form. `text` keeps what the views of
/// `head` point into. Refused: 400, or what parse_request_head answers, and `head` is as it was; with a 405 it has what
/// was asked about, since the answer says which methods are served there.
[[nodiscard]] head_outcome read_asked_request(const head_limits& limits, std::string& text, request_head& head);

/// Whether a field is there that an app may take for another method or target, or for an identity header in another
/// spelling. Where Bearward forwards, it drops them; another proxy sends on what it has.
[[nodiscard]] bool brings_what_is_dropped(std::span<const header> fields, const rewrite_rules& rules);

} // namespace bearward::proxy::http

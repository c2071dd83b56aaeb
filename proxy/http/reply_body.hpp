// The body of an answer of Bearward's own, in the format of the configuration.
#pragma once

#include "policies/reason.hpp"
#include "proxy/http/head.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

/// `page`: a small plain HTML document, for people.
enum class reply_format : std::uint8_t { detail, problem, text, page };

/// What a body says.
struct reply_content {
    unsigned status = 0;
    std::string_view phrase{}; ///< of the status
    std::string_view detail{};
    policies::reason why{};
};

/// The media type, with its charset where it has one.
[[nodiscard]] std::string_view content_type(reply_format format) noexcept;

/// Writes it in place of what is in `body`. `exposes_reason`: detail and problem have the reason too.
void make_reply_body(reply_format format, const reply_content& about, bool exposes_reason, std::string& body);

/// Whether a browser goes to a page: its Accept has text/html, and no JSON before it.
[[nodiscard]] bool is_navigation(const request_head& head) noexcept;

} // namespace bearward::proxy::http

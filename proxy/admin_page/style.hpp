// How the page looks. Its Content-Security-Policy lets nothing in but this style, by its hash: no
// script, no picture, nothing from elsewhere; no other page may show it in a frame.
#pragma once

#include "proxy/admin_page/html.hpp"

#include <string>

namespace bearward::proxy::admin_page {

/// Between <style> and </style>.
[[nodiscard]] markup style() noexcept;

/// The value of the header. Throws std::runtime_error where OpenSSL fails.
[[nodiscard]] const std::string& content_security_policy();

} // namespace bearward::proxy::admin_page

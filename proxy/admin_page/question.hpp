// What somebody asks with the page's form: what would happen to a request of an identity. Never
// with a token, which a browser would keep among the addresses that it visited. Pure.
#pragma once

#include "config/test_settings.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::admin_page {

/// How a request would be decided.
struct answer {
    bool permitted = false;
    std::string reason;
    std::string steps; ///< as `bearward explain` prints them
};

/// Error: why there is no such request, one sentence.
using answered = std::expected<answer, std::string>;
using explain_function = std::function<answered(const config::test_settings&)>;

/// The question of a request target, its parameters those of the form: method, host, path, websocket,
/// provider, user, tenant, roles (commas between them), scopes (commas or blanks). Nothing without any.
/// Error: what is wrong with them, one sentence without a client's text.
[[nodiscard]] std::expected<std::optional<config::test_settings>, std::string> parse_question(std::string_view target);

} // namespace bearward::proxy::admin_page

// Makes a signed token (RFC 7515, RFC 7519) from what `token mint` was given.
// For trying out and for tests: Bearward itself issues no tokens.
#pragma once

#include "policies/clock.hpp"
#include "proxy/commands/commands.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::commands {

/// A lifetime such as `15m`, `90s`, `250ms`, `1h`; a leading `-` is allowed.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_lifetime(std::string_view text) noexcept;

/// Whether the text is NAME=VALUE with a name.
[[nodiscard]] bool is_claim(std::string_view text) noexcept;

/// The signed token in compact form. Reads the key or secret file. Error: a
/// sentence without any secret.
[[nodiscard]] std::expected<std::string, std::string> make_token(const mint_options& options, policies::time_point now);

} // namespace bearward::proxy::commands

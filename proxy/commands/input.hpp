// What several commands read: a token from stdin, a configuration.
#pragma once

#include "config/configuration.hpp"

#include <expected>
#include <optional>
#include <string>

namespace bearward::proxy::commands {

/// The token that was given; `-` stands for stdin, less white space around it.
/// Error: a sentence.
[[nodiscard]] std::expected<std::string, std::string> read_token(const std::string& given);

/// The configuration, or nothing after its errors were written to stderr.
[[nodiscard]] std::optional<config::configuration> load_or_complain(const std::string& file, const config::load_options& options = {});

} // namespace bearward::proxy::commands

// Secrets that change while they are in use.
#pragma once

#include "config/key_source_settings.hpp"

#include <expected>
#include <string>

namespace bearward::config {

/// The secret as it is now: one from a file is read again. Error: a sentence, which never shows it.
[[nodiscard]] std::expected<std::string, std::string> read_again(const secret_settings& secret);

} // namespace bearward::config

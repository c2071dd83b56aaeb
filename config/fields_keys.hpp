// Who signs and with which keys: for tokens, and for what issuers tell besides.
#pragma once

#include "config/codec.hpp"
#include "config/section.hpp"
#include "config/settings.hpp"

#include <vector>

namespace bearward::config {

/// An issuer, or a list of the names of one.
[[nodiscard]] codec<std::vector<policies::tokens::issuer_pattern>> issuers();
[[nodiscard]] const section<key_settings>& key_fields();
/// Text in which who writes `*` means a pattern; as a literal it would never be equal.
[[nodiscard]] codec<std::string> text_without_stars(const std::string& expected, const std::string& instead);

} // namespace bearward::config

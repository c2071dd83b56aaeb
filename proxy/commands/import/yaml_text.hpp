// The peer's words as YAML: whatever they are, they stay one scalar, and nothing in them is taken
// from the environment. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::commands::importing {

/// One scalar: as it is where that is safe, else in double quotes, with `${` as `$${`.
[[nodiscard]] std::string to_yaml(std::string_view text);

/// "[a, "b c"]".
[[nodiscard]] std::string to_yaml(const std::vector<std::string>& texts);

/// What may stand behind `#`: one line without control characters.
[[nodiscard]] std::string to_comment(std::string_view text);

} // namespace bearward::proxy::commands::importing

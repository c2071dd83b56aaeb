// Parameters of a query (application/x-www-form-urlencoded), as apps read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// Whether a query name is `name` once its escapes and pluses are decoded.
[[nodiscard]] bool decodes_to(std::string_view encoded, std::string_view name) noexcept;

/// The value of the one parameter of this name, percent- and plus-decoded, maybe in
/// `memory`; nothing: it is absent, repeated, or has a malformed escape. `;` does not
/// separate.
[[nodiscard]] std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name, std::string& memory);

} // namespace bearward::policies::requests

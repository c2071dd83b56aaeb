// Reads of a peer's YAML what is known, and lists the rest: a key that was not asked for is never
// ignored silently.
#pragma once

#include "config/document.hpp"
#include "proxy/commands/import/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::commands::importing {

/// The document's root, or the faults as notes, and then nothing.
[[nodiscard]] std::optional<config::node> parse_foreign_yaml(const std::string& text, imported& out);

/// The value of a key of a map; null where there is none. Envoy's keys may be written in both
/// `snake_case` and `camelCase`.
[[nodiscard]] const config::node* find(const config::node& map, std::string_view key);
/// Down several keys.
[[nodiscard]] const config::node* find(const config::node& map, std::initializer_list<std::string_view> keys);

/// The text of a scalar; empty for everything else and for nothing.
[[nodiscard]] std::string text_of(const config::node* value);
[[nodiscard]] std::string text_at(const config::node& map, std::string_view key);
[[nodiscard]] bool is_true(const config::node& map, std::string_view key);
/// The scalars of a sequence; a scalar alone is one.
[[nodiscard]] std::vector<std::string> texts_at(const config::node& map, std::string_view key);
/// The items of a sequence; none of everything else.
[[nodiscard]] const std::vector<config::node>& items_at(const config::node& map, std::string_view key);

/// Likewise of a value, and of what isn't there.
[[nodiscard]] const std::vector<config::node>& items_of(const config::node* value);
/// The entries of a map; none of everything else.
[[nodiscard]] const std::vector<config::entry>& entries_of(const config::node* value);

/// The keys that are not in the list, with their lines.
[[nodiscard]] std::vector<const config::node*> other_keys(const config::node& map, std::initializer_list<std::string_view> known);

} // namespace bearward::proxy::commands::importing

// A YAML document as a tree with marks. Stands between yaml-cpp and the readers
// because yaml-cpp's own tree keeps the last of duplicate keys silently and
// expands aliases without bound. Knows nothing of settings.
#pragma once

#include "config/configuration.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

struct entry;

/// One value of a document. Aliases are copies of what they name.
struct node {
    enum class kind : std::uint8_t {
        null,
        scalar,
        sequence,
        map,
        broken, ///< already complained about; readers stay silent
    };
    kind type = kind::null;
    bool plain = false;       ///< a scalar without quotes
    bool substituted = false; ///< a scalar with a value from the environment
    std::uint32_t file = 0;   ///< of several that make one configuration
    int line = 0;
    int column = 0;
    std::string text;           ///< of a scalar, after substitution
    std::vector<node> items;    ///< of a sequence
    std::vector<entry> entries; ///< of a map, in the order in which they were written

    /// The value of a key; null when the map doesn't have it.
    [[nodiscard]] const entry* find(std::string_view key) const;
};

struct entry {
    node key;
    node value;
};

/// Where a value stands, as a list through the callers' frames: costs nothing
/// until somebody complains.
struct key_path {
    const key_path* parent = nullptr;
    std::string_view name; ///< of a map's entry; empty for a sequence's
    std::size_t index = 0;
};

/// "providers.main.algorithms[0]".
[[nodiscard]] std::string to_string(const key_path& path);

/// What a document may cost.
struct document_limits {
    std::size_t bytes = std::size_t{16} * 1024 * 1024;
    std::size_t nodes = 1'000'000;
    std::size_t alias_nodes = 50'000; ///< copied for anchors and aliases
    std::size_t depth = 48;
};

/// Parses one YAML document. Every problem becomes a diagnostic; nothing is
/// returned when there is no tree to go on with. Duplicate keys are errors that
/// leave a tree. An empty document is a null node. `number` becomes node::file.
[[nodiscard]] std::optional<node> parse_document(const std::string& text, const std::string& file, std::vector<diagnostic>& problems,
                                                 const document_limits& limits = {}, std::uint32_t number = 0);

} // namespace bearward::config

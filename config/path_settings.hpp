// Paths as the user wrote them, and how they are read: plain values, as in
// settings.hpp.
#pragma once

#include "config/place.hpp"
#include "policies/requests/target.hpp"

#include <cstdint>
#include <string>

namespace bearward::config {

/// A route's path as written. Whether it is good hangs on another key, `literal`.
struct route_path_settings {
    std::string text;
    std::string fault;            ///< a message; empty: it is good
    std::string fault_if_literal; ///< likewise, with `literal: true`
    place at;

    [[nodiscard]] bool empty() const noexcept { return text.empty(); }
};

/// Whether the app's router tells two spellings of a path apart.
enum class spelling : std::uint8_t { distinct, same, guarded };

struct path_settings {
    policies::requests::ambiguous_paths ambiguous = policies::requests::ambiguous_paths::reject;
    bool merge_slashes = true;
    spelling letter_case = spelling::guarded;
    spelling trailing_slash = spelling::guarded;
};

} // namespace bearward::config

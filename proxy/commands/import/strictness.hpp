// Which of two rules lets fewer through, and the rule that both would let through. Pure.
#pragma once

#include "proxy/commands/import/model.hpp"

namespace bearward::proxy::commands::importing {

/// What both let through; nothing that either refuses.
[[nodiscard]] access strictest(const access& one, const access& other);

/// What becomes of a request by the first, for whom both let through.
[[nodiscard]] action strictest(const action& one, const action& other);

/// Whether `one` lets through nothing that `other` refuses.
[[nodiscard]] bool as_strict_as(const access& one, const access& other);

[[nodiscard]] action refused();

} // namespace bearward::proxy::commands::importing

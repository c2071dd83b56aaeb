// Which of two routes stands before the other in a list for people: the order in
// which routes win (policies/BEHAVIOUR.md 2.4, 2.6). Serving does not use it: the trie of
// route_table has the order in its shape, and a test holds the two together.
#pragma once

#include "policies/rules/path_comparison.hpp"
#include "policies/rules/route.hpp"

#include <span>
#include <vector>

namespace bearward::policies::rules {

/// A strict weak order. Paths are compared segment by segment: a literal before a
/// capture (different literals, which never compete, by the alphabet), the longer
/// before its start, exact before prefix; then the more exact host; then a route
/// that lists methods before one for any.
[[nodiscard]] bool more_specific(const route& left, const route& right, path_comparison compared = {});

/// The routes, the most specific first; equal ones as they stand.
[[nodiscard]] std::vector<const route*> sort_by_specificity(std::span<const route> routes, path_comparison compared = {});

} // namespace bearward::policies::rules

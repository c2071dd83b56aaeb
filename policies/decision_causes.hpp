// Why decide() refuses, for the log: what exactly, beside the reason's code. Nothing
// here decides. Internal to decide().
#pragma once

#include "policies/explanation.hpp"
#include "policies/identity.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/rules/requirement.hpp"
#include "policies/rules/route.hpp"

#include <string>

namespace bearward::policies {

/// A failed check in words: `roles: 'reader'; expected 'admin', 'editor' (any of them)`.
[[nodiscard]] std::string cause_of(const step& failed);

/// `other`: the reading that differs, null: none.
[[nodiscard]] std::string readings_cause(const requests::canonical_path& path, const std::string* other);
/// Why no route is for the request; empty where there is one.
[[nodiscard]] std::string unmatched_cause(const requests::request_view& request, reason why);
/// Of a route that an app may take the request for as well as for its `own`.
[[nodiscard]] std::string guarded_cause(const rules::route& own, std::string cause);

/// Where no credential was found, and what the client's certificate says, which is none of the route's.
[[nodiscard]] std::string missing_cause(const rules::route& route, const requests::token_places& places,
                                        const requests::client_certificate* shown = nullptr);
/// Why what was found is not one token.
[[nodiscard]] std::string search_cause(const requests::found_credentials& found, reason why);
/// The entry that is not met.
[[nodiscard]] std::string unmet_cause(const rules::requirement& required, const identity& who, const rules::operand_values& values);

} // namespace bearward::policies

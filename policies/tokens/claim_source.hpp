// Where the facts of an identity are read from: claims in the forms that issuers
// give them.
#pragma once

#include "policies/tokens/claim_path.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace bearward::policies::tokens {

/// One place of a fact.
struct claim_source {
    enum class form : std::uint8_t {
        plain, ///< text, an integer, or an array of them
        keys,  ///< the member names of an object
        each,  ///< that member of each object of an array
        split, ///< one text, split at any of these characters
    };
    claim_path path;
    form how = form::plain;
    std::string argument{}; ///< of each: the member's name; of split: the characters

    friend bool operator==(const claim_source&, const claim_source&) = default;
};

/// The places of one fact, in their order.
struct mapped_claim {
    std::vector<claim_source> sources;
    bool written = false; ///< in the configuration: then a claim that can't be read refuses the token

    friend bool operator==(const mapped_claim&, const mapped_claim&) = default;
};

/// Where identities are read from claims.
struct claim_mapping {
    mapped_claim user{{{.path = {"sub"}}}};
    mapped_claim tenant{{{.path = {"tid"}}}};
    mapped_claim roles{{{.path = {"roles"}}}};
    mapped_claim scopes{{{.path = {"scope"}}, {.path = {"scp"}}}};
};

/// A claim has a form that its source can't read.
struct unreadable {
    friend bool operator==(unreadable, unreadable) = default;
};
using claim_texts = std::expected<std::vector<std::string>, unreadable>;

/// The first source that is present and not empty, which is one text; empty: none is.
[[nodiscard]] std::expected<std::string, unreadable> read_user(const boost::json::object& claims, const mapped_claim& from);
/// Likewise, but an array gives several tenants.
[[nodiscard]] claim_texts read_tenants(const boost::json::object& claims, const mapped_claim& from);
/// What can be read of tenants where read_tenants can't read them as a whole: for
/// refusals alone, since it is not all that the token says.
[[nodiscard]] std::vector<std::string> readable_tenants(const boost::json::object& claims, const mapped_claim& from);
/// What all sources give, in their order, each once. A text is one role.
[[nodiscard]] claim_texts read_roles(const boost::json::object& claims, const mapped_claim& from);
/// Likewise; a text is split at spaces and commas (RFC 6749 section 3.3).
[[nodiscard]] claim_texts read_scopes(const boost::json::object& claims, const mapped_claim& from);

} // namespace bearward::policies::tokens

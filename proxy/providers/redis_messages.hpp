// What is read of Redis' replies, and what is said to it, about revocations: the sorted set
// and the channel PREFIXrevocations. Pure.
#pragma once

#include "policies/tokens/revocation_entry.hpp"
#include "proxy/providers/resp.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::providers {

/// A member and its score, as they came.
struct scored_member {
    std::string_view member; ///< into the reply
    std::string_view score;
};

/// One page of the set (ZSCAN).
struct set_page {
    std::string cursor; ///< for the next page; "0": this was the last one
    std::vector<scored_member> members;
};

struct dated_revocation {
    policies::tokens::revocation_entry entry;
    policies::time_point until;
};

/// Error: a sentence.
[[nodiscard]] std::expected<set_page, std::string> parse_page(const resp_value& reply);
/// The payload of a message on this channel; nothing: it is no message, or of another one.
[[nodiscard]] std::optional<std::string_view> find_payload(const resp_value& reply, std::string_view channel);
/// `SCORE MEMBER` of a message. Error: a sentence.
[[nodiscard]] std::expected<scored_member, std::string> parse_change(std::string_view payload);
/// Error: a sentence.
[[nodiscard]] std::expected<dated_revocation, std::string> parse_scored(const scored_member& from);

} // namespace bearward::proxy::providers

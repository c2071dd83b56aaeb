#include "proxy/providers/redis_messages.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy::providers {
namespace {

using kind = resp_value::kind;

bool is_text(const resp_value& value) noexcept {
    return value.what == kind::text;
}

} // namespace

std::expected<set_page, std::string> parse_page(const resp_value& reply) {
    const auto& parts = reply.elements;
    if (reply.what != kind::array || parts.size() != 2 || !is_text(parts[0]) || parts[0].text.empty() || parts[1].what != kind::array ||
        parts[1].elements.size() % 2 != 0 || !std::ranges::all_of(parts[1].elements, is_text)) {
        return std::unexpected(std::string("ZSCAN: the answer is no cursor and members with their scores"));
    }
    set_page made{.cursor = parts[0].text, .members = {}};
    made.members.reserve(parts[1].elements.size() / 2);
    for (std::size_t at = 0; at < parts[1].elements.size(); at += 2) {
        made.members.push_back({parts[1].elements[at].text, parts[1].elements[at + 1].text});
    }
    return made;
}

std::optional<std::string_view> find_payload(const resp_value& reply, std::string_view channel) {
    const auto& parts = reply.elements;
    const bool message = reply.what == kind::array && parts.size() == 3 && parts[0].is_text("message") && parts[1].is_text(channel);
    return message && is_text(parts[2]) ? std::optional<std::string_view>(parts[2].text) : std::nullopt;
}

std::expected<scored_member, std::string> parse_change(std::string_view payload) {
    const std::size_t blank = payload.find(' ');
    if (blank == std::string_view::npos || blank == 0 || blank + 1 == payload.size()) {
        return std::unexpected(std::string("expected SCORE MEMBER"));
    }
    return scored_member{.member = payload.substr(blank + 1), .score = payload.substr(0, blank)};
}

std::expected<dated_revocation, std::string> parse_scored(const scored_member& from) {
    const auto until = policies::tokens::parse_revocation_score(from.score);
    if (!until) {
        return std::unexpected(std::string("has a score that is no time"));
    }
    auto entry = policies::tokens::parse_revocation_member(from.member);
    if (!entry) {
        return std::unexpected(std::move(entry).error());
    }
    return dated_revocation{.entry = *std::move(entry), .until = *until};
}

} // namespace bearward::proxy::providers

#include "policies/tokens/revocation_list.hpp"

#include "policies/date_text.hpp"
#include "policies/text.hpp"
#include "policies/tokens/revocation_entry.hpp"

#include <algorithm>
#include <expected>
#include <optional>

namespace bearward::policies::tokens {
namespace {

constexpr std::string_view until_word = "until:";
constexpr std::string_view more_forms = ", maybe until:TIME after it, or a comment (#)";

struct entry {
    revocation_name what;
    time_point until = time_point::max();
};

/// Nothing for a line without an entry. Error: a sentence.
std::expected<std::optional<entry>, std::string> parse_line(std::string_view line) {
    const std::string_view word = take_revocation_word(line);
    if (word.empty()) {
        return std::nullopt;
    }
    auto name = parse_revocation_name(word);
    if (!name) {
        return std::unexpected(name.error() == revocation_name_forms ? name.error().append(more_forms) : std::move(name).error());
    }
    entry made{.what = *std::move(name)};
    const std::string_view more = take_revocation_word(line);
    if (more.starts_with(until_word)) {
        const auto until = parse_rfc3339(more.substr(until_word.size()));
        if (!until) {
            return std::unexpected(std::string("has no time after until:; expected one like 2027-01-01T00:00:00Z"));
        }
        made.until = *until;
    } else if (!more.empty()) {
        return std::unexpected(std::string("goes on after its ID; write a blank of the ID as %20, and a comment with # before it"));
    }
    if (!take_revocation_word(line).empty()) {
        return std::unexpected(std::string("goes on after its time; a comment has # before it"));
    }
    return made;
}

} // namespace

revocation_reading parse_revocation_list(std::string_view text) {
    revocation_reading made;
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        auto read = parse_line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!read) {
            made.refused.push_back({number, std::move(read).error()});
            continue;
        }
        if (!*read) {
            continue;
        }
        entry& each = **read;
        // Of the same one twice the longer counts.
        auto& into = made.list.*revocation_list::names_of(each.what.kind);
        time_point& until = into.try_emplace(std::move(each.what.id)).first->second.until;
        until = std::max(until, each.until);
    }
    return made;
}

revocation_list::names revocation_list::* revocation_list::names_of(revocation_kind kind) noexcept {
    switch (kind) {
    case revocation_kind::jti:
        return &revocation_list::token_ids_;
    case revocation_kind::sid:
        return &revocation_list::sessions_;
    case revocation_kind::user:
        return &revocation_list::users_;
    case revocation_kind::tenant:
    case revocation_kind::sub: // no line names one (find_named_kind)
        break;
    }
    return &revocation_list::tenants_;
}

void revocation_list::keep_departed(const revocation_list& earlier, std::chrono::steady_clock::time_point read_at,
                                    std::chrono::milliseconds absence) {
    for (names revocation_list::* const kind :
         {&revocation_list::token_ids_, &revocation_list::sessions_, &revocation_list::users_, &revocation_list::tenants_}) {
        for (const auto& [id, was] : earlier.*kind) {
            const auto found = (this->*kind).find(id);
            const time_point until = found == (this->*kind).end() ? time_point::min() : found->second.until;
            // Of a term that departs now and one that departed earlier the longer counts as long
            // as either would.
            time_point before = until;
            std::optional<std::chrono::steady_clock::time_point> departed;
            if (was.departed && read_at - *was.departed < absence && was.before > before) {
                before = was.before;
                departed = was.departed;
            }
            if (was.until > until) {
                before = std::max(before, was.until);
                departed = read_at;
            }
            if (departed) {
                (this->*kind).insert_or_assign(id, term{.until = until, .before = before, .departed = departed});
            }
        }
    }
}

std::size_t revocation_list::departed() const noexcept {
    std::size_t count = 0;
    for (const names* const kind : {&token_ids_, &sessions_, &users_, &tenants_}) {
        count += static_cast<std::size_t>(std::ranges::count_if(*kind, [](const auto& each) { return each.second.departed.has_value(); }));
    }
    return count;
}

bool revocation_list::revokes(const revocation_facts& facts, time_point now) const noexcept {
    const auto listed = [now](const names& in, std::string_view id) {
        const auto found = in.find(id);
        return found != in.end() && now < found->second.end();
    };
    return listed(token_ids_, facts.token_id) || listed(sessions_, facts.session) || listed(users_, facts.user) ||
           listed(tenants_, facts.tenant) ||
           std::ranges::any_of(facts.tenants, [&](const std::string& each) { return listed(tenants_, each); });
}

std::string revocation_list::matching_entry(const revocation_facts& facts, time_point now) const {
    const auto entry_of = [now](const names& in, std::string_view kind, std::string_view id) {
        const auto found = in.find(id);
        return found != in.end() && now < found->second.end() ? std::string(kind) + " " + in_quotes(id) + " is revoked" : std::string{};
    };
    std::string found = entry_of(token_ids_, "jti", facts.token_id);
    const auto look = [&](const names& in, std::string_view kind, std::string_view id) {
        found = found.empty() ? entry_of(in, kind, id) : found;
    };
    look(sessions_, "sid", facts.session);
    look(users_, "user", facts.user);
    look(tenants_, "tenant", facts.tenant);
    std::ranges::for_each(facts.tenants, [&](const std::string& each) { look(tenants_, "tenant", each); });
    return found;
}

} // namespace bearward::policies::tokens

#include "policies/tokens/revocation_list.hpp"

#include "policies/date_text.hpp"
#include "policies/requests/escapes.hpp"
#include "policies/text.hpp"
#include "policies/utf8.hpp"

#include <algorithm>
#include <expected>
#include <optional>

namespace bearward::policies::tokens {
namespace {

constexpr std::string_view white = " \t\r";
constexpr std::string_view until_word = "until:";
constexpr std::string_view accepted = "expected jti:ID, sid:ID, user:ID or tenant:ID, maybe until:TIME after it, or a comment (#)";

/// Takes the next word off a line; empty at its end or where a comment begins.
std::string_view take_word(std::string_view& line) noexcept {
    line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    if (line.starts_with('#')) {
        line = {};
    }
    const std::string_view word = line.substr(0, line.find_first_of(white));
    line.remove_prefix(word.size());
    return word;
}

/// Nothing for a `%` without two hex digits after it.
std::optional<std::string> decode(std::string_view written) {
    std::string decoded;
    for (std::size_t at = 0; at < written.size(); ++at) {
        if (written[at] != '%') {
            decoded += written[at];
            continue;
        }
        const auto byte = requests::escaped_byte(written, at);
        if (!byte) {
            return std::nullopt;
        }
        decoded += static_cast<char>(*byte);
        at += 2;
    }
    return decoded;
}

/// Why no token can ever have the ID: claims are UTF-8. Empty: one can.
std::string_view fault_of(std::string_view written, std::string_view id) noexcept {
    if (written == "*") {
        return "is no pattern: `*` as an ID stands for nothing but itself, and is then written %2A";
    }
    if (std::ranges::any_of(id, [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; })) {
        return "has a control character in its ID, as it stands or decoded";
    }
    return find_invalid_utf8(id) ? "has an ID that is not UTF-8, which no token can name" : "";
}

struct entry {
    std::string_view kind;
    std::string id;
    time_point until = time_point::max();
};

/// Nothing for a line without an entry. Error: a sentence.
std::expected<std::optional<entry>, std::string> parse_line(std::string_view line) {
    const std::string_view word = take_word(line);
    if (word.empty()) {
        return std::nullopt;
    }
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
        return std::unexpected(std::string(accepted));
    }
    entry made{.kind = word.substr(0, colon), .id = {}};
    auto id = decode(word.substr(colon + 1));
    if (!id) {
        return std::unexpected(std::string("has a % in its ID without two hex digits after it; write % itself as %25"));
    }
    if (id->empty()) {
        return std::unexpected(std::string("has no ID after the colon"));
    }
    if (const auto fault = fault_of(word.substr(colon + 1), *id); !fault.empty()) {
        return std::unexpected(std::string(fault));
    }
    made.id = std::move(*id);
    const std::string_view more = take_word(line);
    if (more.starts_with(until_word)) {
        const auto until = parse_rfc3339(more.substr(until_word.size()));
        if (!until) {
            return std::unexpected(std::string("has no time after until:; expected one like 2027-01-01T00:00:00Z"));
        }
        made.until = *until;
    } else if (!more.empty()) {
        return std::unexpected(std::string("goes on after its ID; write a blank of the ID as %20, and a comment with # before it"));
    }
    if (!take_word(line).empty()) {
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
        auto* const into = each.kind == "jti"      ? &made.list.token_ids_
                           : each.kind == "sid"    ? &made.list.sessions_
                           : each.kind == "user"   ? &made.list.users_
                           : each.kind == "tenant" ? &made.list.tenants_
                                                   : nullptr;
        if (into == nullptr) {
            made.refused.push_back({number, std::string(accepted)});
            continue;
        }
        // Of the same one twice the longer counts.
        time_point& until = into->try_emplace(std::move(each.id)).first->second.until;
        until = std::max(until, each.until);
    }
    return made;
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

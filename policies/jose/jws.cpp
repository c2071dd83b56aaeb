#include "policies/jose/jws.hpp"

#include "policies/explanation.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace bearward::policies::jose {
namespace {

/// Reads an optional string member; `null` is absent. False: it is there and not a string.
bool read_string(const boost::json::object& header, std::string_view name, std::optional<std::string>& into) {
    const boost::json::value* found = header.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return true;
    }
    const boost::json::string* text = found->if_string();
    if (text == nullptr) {
        return false;
    }
    into.emplace(text->data(), text->size());
    return true;
}

/// For a token that has not three parts.
std::string count_of_parts(std::string_view token) {
    constexpr std::array<std::string_view, 6> words{"none", "one", "two", "three", "four", "five"};
    const auto count = static_cast<std::size_t>(std::ranges::count(token, '.')) + 1;
    std::string text = "three parts expected, found ";
    text.append(count < words.size() ? std::string(words[count]) : std::to_string(count));
    return count == words.size() - 1 ? text.append(": encrypted tokens (JWE) are not accepted") : text;
}

step form_step(std::string_view what) {
    return {.stage = "token", .check = "form", .note = std::string(what)};
}

step algorithm_step(std::string_view alg, std::span<const algorithm> allowed) {
    boost::json::array accepted;
    for (const algorithm each : allowed) {
        accepted.push_back(show(to_string(each)));
    }
    return {.stage = "token", .check = "alg", .found = show(alg), .expected = std::move(accepted)};
}

/// What a sound header says.
struct header_reading {
    std::string alg{};
    std::optional<std::string> key_id{};
    std::optional<std::string> type{};
};

/// Error: what is wrong, in a few words.
std::expected<header_reading, std::string_view> read_header(std::string_view text) {
    const auto header = parse_json_object(text);
    if (!header) {
        return std::unexpected("the header is not one sound JSON object");
    }
    header_reading made;
    std::optional<std::string> alg;
    if (!read_string(*header, "alg", alg) || !alg || !read_string(*header, "kid", made.key_id) || !read_string(*header, "typ", made.type)) {
        return std::unexpected("the header has no alg, or an alg, kid or typ that is not a string");
    }
    // No extension is understood (RFC 7515 section 4.1.11, RFC 7797), so none may be demanded.
    const auto demands = [&](std::string_view name) {
        const boost::json::value* found = header->if_contains(name);
        return found != nullptr && !found->is_null();
    };
    if (demands("crit") || demands("b64")) {
        return std::unexpected("the header has crit or b64");
    }
    made.alg = *std::move(alg);
    if (made.key_id && made.key_id->empty()) {
        made.key_id.reset();
    }
    return made;
}

/// The headers that were read last: an issuer writes the same one into all of its tokens. Of one thread.
class known_headers {
public:
    /// Null: it is not known.
    [[nodiscard]] const header_reading* find(std::string_view encoded) const noexcept {
        const auto found = std::ranges::find(entries_, encoded, &entry::encoded);
        return encoded.empty() || found == entries_.end() ? nullptr : &found->reading;
    }
    /// In place of the oldest one; a long one is not kept. Returns what was read.
    const header_reading& keep(std::string_view encoded, header_reading read) {
        constexpr std::size_t longest = 512;
        entry& oldest = entries_[next_];
        next_ = (next_ + 1) % entries_.size();
        oldest.encoded = encoded.size() <= longest ? encoded : std::string_view();
        oldest.reading = std::move(read);
        return oldest.reading;
    }

private:
    struct entry {
        std::string encoded{};
        header_reading reading{};
    };
    std::array<entry, 4> entries_;
    std::size_t next_ = 0;
};

} // namespace

std::optional<jws_parts> split_jws(std::string_view token) noexcept {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return jws_parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::expected<jws, refusal> parse_jws(std::string_view token, std::span<const algorithm> allowed, explanation* observer) {
    const auto malformed = [observer](std::string_view what) {
        return std::unexpected(refusal(tell(observer, reason::token_malformed, [&] { return form_step(what); }), std::string(what)));
    };
    const auto parts = split_jws(token);
    if (!parts) {
        return malformed(count_of_parts(token));
    }
    thread_local known_headers remembered;
    const header_reading* header = remembered.find(parts->header);
    const auto header_text = header == nullptr ? decode_base64url(parts->header) : std::optional<std::string>(std::in_place);
    if (!header_text) {
        return malformed("the header is not base64url");
    }
    auto payload = decode_base64url(parts->payload);
    if (!payload) {
        return malformed("the payload is not base64url");
    }
    auto signature = decode_base64url(parts->signature);
    if (!signature) {
        return malformed("the signature is not base64url");
    }
    if (header == nullptr) {
        auto read = read_header(*header_text);
        if (!read) {
            return malformed(read.error());
        }
        header = &remembered.keep(parts->header, *std::move(read));
    }
    jws result;
    result.key_id = header->key_id;
    result.type = header->type;
    tell(observer, reason::ok, [] { return form_step("three parts in base64url, a sound header"); });
    const auto known = parse_algorithm(header->alg);
    const bool accepted = known && accepts(allowed, *known);
    if (tell(observer, accepted ? reason::ok : reason::algorithm_not_allowed, [&] { return algorithm_step(header->alg, allowed); }) !=
        reason::ok) {
        std::string cause = "alg " + in_quotes(header->alg) + " is none of";
        for (const algorithm each : allowed) {
            cause.append(" ").append(to_string(each));
        }
        return std::unexpected(refusal(reason::algorithm_not_allowed, std::move(cause)));
    }
    if (signature->empty()) {
        return malformed("the signature is empty");
    }
    result.alg = *known;
    result.signing_input = token.substr(0, parts->header.size() + 1 + parts->payload.size());
    result.payload = std::move(*payload);
    result.signature = std::move(*signature);
    return result;
}

} // namespace bearward::policies::jose

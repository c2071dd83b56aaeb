#include "policies/jose/jws.hpp"

#include "policies/explanation.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/text.hpp"

#include <algorithm>
#include <array>

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
    const auto header_text = decode_base64url(parts->header);
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
    const auto header = parse_json_object(*header_text);
    if (!header) {
        return malformed("the header is not one sound JSON object");
    }
    jws result;
    std::optional<std::string> alg;
    if (!read_string(*header, "alg", alg) || !alg || !read_string(*header, "kid", result.key_id) ||
        !read_string(*header, "typ", result.type)) {
        return malformed("the header has no alg, or an alg, kid or typ that is not a string");
    }
    // No extension is understood (RFC 7515 section 4.1.11, RFC 7797), so none may be demanded.
    const auto demands = [&](std::string_view name) {
        const boost::json::value* found = header->if_contains(name);
        return found != nullptr && !found->is_null();
    };
    if (demands("crit") || demands("b64")) {
        return malformed("the header has crit or b64");
    }
    if (result.key_id && result.key_id->empty()) {
        result.key_id.reset();
    }
    tell(observer, reason::ok, [] { return form_step("three parts in base64url, a sound header"); });
    const auto known = parse_algorithm(*alg);
    const bool accepted = known && accepts(allowed, *known);
    if (tell(observer, accepted ? reason::ok : reason::algorithm_not_allowed, [&] { return algorithm_step(*alg, allowed); }) !=
        reason::ok) {
        std::string cause = "alg " + in_quotes(*alg) + " is none of";
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

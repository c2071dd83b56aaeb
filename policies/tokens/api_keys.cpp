#include "policies/tokens/api_keys.hpp"

#include "policies/ascii.hpp"
#include "policies/date_text.hpp"
#include "policies/explanation.hpp"
#include "policies/jose/base64url.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::tokens {
namespace {

step key_step(const api_key* found, const std::string& cause) {
    step made{.stage = "token", .check = "api key", .note = cause};
    if (found != nullptr) {
        made.found = show(found->id);
        made.note = "its hash is known";
    }
    return made;
}

step end_step(const verified_token& key, time_point now) {
    return {.stage = "token",
            .check = "expires",
            .found = key.expires ? show(*key.expires) : boost::json::value(nullptr),
            .expected = show("after " + to_rfc3339(now))};
}

} // namespace

bool is_api_key(std::string_view text) noexcept {
    return text.size() == api_key_size && text.starts_with(api_key_prefix) &&
           std::ranges::all_of(text.substr(api_key_prefix.size()), is_base64url);
}

std::string make_api_key(std::string_view random_bytes) {
    return std::string(api_key_prefix) + jose::encode_base64url(random_bytes);
}

api_key_list::api_key_list(std::vector<api_key> keys) : keys_(std::move(keys)) {
    std::ranges::sort(keys_, {}, &api_key::hash);
}

const api_key* api_key_list::find(std::string_view sent) const noexcept {
    const auto hash = is_api_key(sent) ? jose::sha256(sent) : std::nullopt;
    if (!hash) {
        return nullptr;
    }
    const auto found = std::ranges::lower_bound(keys_, *hash, {}, &api_key::hash);
    return found != keys_.end() && jose::equal_digests(found->hash, *hash) ? &*found : nullptr;
}

std::expected<verified_token_ptr, refusal> verify_api_key(const api_key_list& keys, std::string_view sent, explanation* observer) {
    const api_key* const found = keys.find(sent);
    std::string cause;
    if (found == nullptr) {
        cause =
            is_api_key(sent) ? "no key of the provider has its hash" : "not in the form of an API key: bwk_ and 43 letters of base64url";
    }
    tell(observer, found == nullptr ? reason::api_key_unknown : reason::ok, [&] { return key_step(found, cause); });
    if (found == nullptr) {
        return std::unexpected(refusal(reason::api_key_unknown, std::move(cause)));
    }
    return found->means;
}

reason judge_api_key(const verified_token& key, time_point now, explanation* observer) {
    if (!key.expires) {
        return reason::ok;
    }
    return tell(observer, now < *key.expires ? reason::ok : reason::api_key_expired, [&] { return end_step(key, now); });
}

std::string api_key_cause(const verified_token& key, time_point now) {
    return key.expires ? "expires " + to_rfc3339(*key.expires) + ", now " + to_rfc3339(now) : std::string{};
}

} // namespace bearward::policies::tokens

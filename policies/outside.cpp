#include "policies/outside.hpp"

namespace bearward::policies {

std::optional<refusal> outside::find_revocation(const provider& by, const tokens::verified_token& token) const {
    return by.rules.revoked.size() == 0 ? std::nullopt : tokens::find_revocation(by.rules, token, now_);
}

verification direct_outside::verify(const provider& by, std::string_view token) {
    return verify_with(by, keys_of(by).current().keys.get(), token, observer_);
}

verification verify_with(const provider& by, const jose::key_set* keys, std::string_view token, explanation* observer) {
    if (keys != nullptr) {
        return tokens::verify_token(by.rules, *keys, token, observer);
    }
    auto parsed = tokens::parse_token(by.rules, token, observer);
    if (!parsed) {
        return std::unexpected(std::move(parsed).error());
    }
    return std::unexpected(need{.of = &by, .what = need::kind::keys, .detail = std::move(parsed->key_id).value_or(std::string{})});
}

} // namespace bearward::policies

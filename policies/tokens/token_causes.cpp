#include "policies/tokens/token_causes.hpp"

#include "policies/text.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/serialize.hpp>

#include <span>

namespace bearward::policies::tokens {
namespace {

std::string list_of(std::span<const std::string> texts) {
    std::string list;
    for (const std::string& each : texts) {
        if (list.size() > longest_cause / 2) {
            return list + ", ...";
        }
        list.append(list.empty() ? "" : ", ").append(in_quotes(each));
    }
    return list;
}

} // namespace

bool differ_by_slash(std::string_view left, std::string_view right) noexcept {
    const std::string_view& longer = left.size() > right.size() ? left : right;
    const std::string_view& shorter = left.size() > right.size() ? right : left;
    return longer.size() == shorter.size() + 1 && longer.ends_with('/') && longer.starts_with(shorter);
}

std::string issuer_cause(const verification_rules& rules, const boost::json::value* issuer) {
    if (issuer == nullptr || !issuer->is_string()) {
        return issuer == nullptr ? "no iss" : "iss is not text";
    }
    const std::string_view found = issuer->get_string();
    std::string cause = "iss " + in_quotes(found) + " is not ";
    for (const issuer_pattern& each : rules.issuers) {
        cause.append(&each == &rules.issuers.front() ? "" : " or ").append(in_quotes(each.text()));
        if (differ_by_slash(each.text(), found)) {
            return cause + ": they differ by the slash at the end";
        }
    }
    return cause;
}

std::string audience_cause(const verification_rules& rules, const std::vector<std::string>& audience) {
    return (audience.empty() ? "no aud" : "aud " + list_of(audience)) + "; accepted: " + list_of(rules.audiences);
}

std::string type_cause(const verification_rules& rules, const std::optional<std::string>& type, bool event) {
    if (event) {
        return "a token about events is no credential";
    }
    return (type ? "typ " + in_quotes(*type) : "no typ") + "; accepted: " + list_of(rules.types);
}

std::string required_cause(const required_claim& required, const found_claim& found) {
    const std::string name = "claim " + in_quotes(required.path.text());
    if (found.value == nullptr) {
        return name + (found.readable ? " is missing" : " can't be read: something that the path can't go through lies on its way");
    }
    const boost::json::value* const claim = found.value;
    // JSON's own quotes tell a text from a number or boolean that looks like it.
    std::string cause = name + " is " + in_quotes(boost::json::serialize(*claim));
    return cause + (claim->is_number() || claim->is_bool() ? " (a " + std::string(json_type(*claim)) + ")" : "");
}

std::string lifetime_cause(const verification_rules& rules, const verified_token& token) {
    if (!token.expires || !token.issued_at) {
        return "max_lifetime needs exp and iat";
    }
    return "exp - iat is " + std::to_string((*token.expires - *token.issued_at).count() / 1000) + " s; accepted: at most " +
           std::to_string(rules.max_lifetime.value_or(std::chrono::milliseconds{0}).count() / 1000) + " s";
}

} // namespace bearward::policies::tokens

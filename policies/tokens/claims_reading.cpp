#include "policies/tokens/claims_reading.hpp"

#include "policies/tokens/claims.hpp"
#include "policies/tokens/claims_verdict.hpp"
#include "policies/tokens/token_steps.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// A claim that can't be read refuses the token where somebody said that it is there;
/// a guess of ours that fails leaves the fact unknown.
template <class Read>
bool is_refused(const Read& read, const mapped_claim& from, bool& unknown) {
    unknown = !read && !from.written;
    return !read && from.written;
}

/// Fills the dates, the identity, `jti` and `sid`. Nothing, or which of them has a
/// wrong type.
std::optional<std::string> read_identity(const verification_rules& rules, const json::object& claims, verified_token& into,
                                         explanation* observer) {
    const auto expires = read_date(claims, "exp");
    const auto not_before = read_date(claims, "nbf");
    const auto issued_at = read_date(claims, "iat");
    auto user = read_user(claims, rules.claims.user);
    auto tenants = read_tenants(claims, rules.claims.tenant);
    auto roles = read_roles(claims, rules.claims.roles);
    auto scopes = read_scopes(claims, rules.claims.scopes);
    auto id = read_text(claims.if_contains("jti"));
    auto session = read_text(claims.if_contains("sid"));
    auto& unknown = into.who.unknown;
    const std::array<std::pair<std::string_view, bool>, 9> read{{{"exp", expires.has_value()},
                                                                 {"nbf", not_before.has_value()},
                                                                 {"iat", issued_at.has_value()},
                                                                 {"user", !is_refused(user, rules.claims.user, unknown.user)},
                                                                 {"tenant", !is_refused(tenants, rules.claims.tenant, unknown.tenant)},
                                                                 {"roles", !is_refused(roles, rules.claims.roles, unknown.roles)},
                                                                 {"scopes", !is_refused(scopes, rules.claims.scopes, unknown.scopes)},
                                                                 {"jti", id.has_value()},
                                                                 {"sid", session.has_value()}}};
    const bool sound = std::ranges::all_of(read, [](const auto& each) { return each.second; });
    tell(observer, sound ? reason::ok : reason::token_malformed, [&] { return claims_step(read, into.who); });
    if (!sound) {
        std::string cause = "of a wrong type:";
        for (const auto& [name, good] : read) {
            cause.append(good ? "" : " ").append(good ? std::string_view{} : name);
        }
        return cause;
    }
    into.expires = *expires;
    into.not_before = *not_before;
    into.issued_at = *issued_at;
    into.id = std::move(*id);
    into.session = std::move(*session);
    if (const json::value* const subject = claims.if_contains("sub"); subject != nullptr && subject->is_number()) {
        into.subject = text_of(*subject).value_or(std::string{});
    }
    into.bound_to = parse_confirmation(claims.if_contains("cnf"));
    into.who.provider = rules.provider;
    into.who.user = std::move(user).value_or(std::string{});
    into.who.roles = std::move(roles).value_or(std::vector<std::string>{});
    into.who.scopes = std::move(scopes).value_or(std::vector<std::string>{});
    if (tenants && tenants->size() == 1) {
        into.who.tenant = std::move(tenants->front());
    } else if (tenants) {
        into.who.tenants = std::move(*tenants);
    } else {
        into.readable_tenants = readable_tenants(claims, rules.claims.tenant);
    }
    into.who.expires = *expires;
    return std::nullopt;
}

} // namespace

std::expected<std::shared_ptr<verified_token>, refusal> read_claims(const verification_rules& rules, json::object claims,
                                                                    const std::optional<std::string>& type, explanation* observer) {
    auto result = std::make_shared<verified_token>();
    const auto audience = rules.audiences.empty() ? std::vector<std::string>{} : read_strings(claims.if_contains("aud"));
    if (auto wrong = read_identity(rules, claims, *result, observer)) {
        return std::unexpected(refusal(reason::token_malformed, std::move(*wrong)));
    }
    if (!audience) {
        constexpr std::string_view what = "aud is neither a string nor an array of strings";
        return std::unexpected(refusal(tell(observer, reason::token_malformed, [&] { return form_step(what); }), std::string(what)));
    }
    result->who.claims = std::move(claims);
    result->claims_verdict = judge_claims(rules, *result, type, *audience, observer);
    return result;
}

} // namespace bearward::policies::tokens

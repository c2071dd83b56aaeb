#include "policies/tokens/security_event.hpp"

#include "policies/text.hpp"
#include "policies/tokens/event_issuers.hpp"
#include "policies/tokens/event_subject.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// What an event is about, where its subject names both.
enum class about : std::uint8_t { session, account, nothing };

struct known_event {
    std::string_view name;
    std::string_view word; ///< for the log
    about what;
};
constexpr std::array<known_event, 5> known_events{{
    {"https://schemas.openid.net/secevent/caep/event-type/session-revoked", "session-revoked", about::session},
    {"https://schemas.openid.net/secevent/caep/event-type/token-claims-change", "token-claims-change", about::session},
    {"https://schemas.openid.net/secevent/risc/event-type/account-disabled", "account-disabled", about::account},
    {"https://schemas.openid.net/secevent/ssf/event-type/verification", "verification", about::nothing},
    {"https://schemas.openid.net/secevent/sse/event-type/verification", "verification", about::nothing},
}};

const known_event* find_known(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(known_events, name, &known_event::name);
    return found == known_events.end() ? nullptr : found;
}

/// `sub_id` of the token (RFC 9493 section 4.1), else `subject` of the event, as earlier drafts had it. Null: none.
std::expected<const json::object*, refusal> find_subject(const json::object& claims, const json::object& event) {
    for (const json::value* const each : {claims.if_contains("sub_id"), event.if_contains("subject")}) {
        if (each != nullptr && !each->is_null()) {
            const json::object* const identifier = each->if_object();
            return identifier != nullptr ? std::expected<const json::object*, refusal>(identifier)
                                         : std::unexpected(refusal(reason::claim_mismatch, "the subject is no object (RFC 9493)"));
        }
    }
    return nullptr;
}

/// What one event revokes, in the words of the provider.
class revocations_of_event {
public:
    revocations_of_event(const std::string& provider, const issuers_of_event& issuers, issuer_notice& into)
        : provider_(provider), issuers_(issuers), into_(into) {}

    /// With both, an event about a session revokes that alone, one about an account all of it. Nothing
    /// where the user is another issuer's, nor of what the subject doesn't name.
    void add(about what, const event_subject& subject) {
        const std::vector<std::string> whose = issuers_.find_meant(subject.issuer);
        if (!subject.session.empty() && (what == about::session || subject.user.empty())) {
            add_of(whose, {revocation_kind::sid, subject.session});
        } else if (!subject.user.empty()) {
            add_of(whose, {revocation_kind::sub, subject.user});
        } else if (!subject.tenant.empty() && !subject.narrower) {
            add_of(whose, {revocation_kind::tenant, subject.tenant});
        }
    }

private:
    void add_of(const std::vector<std::string>& issuers, const revocation_name& what) {
        for (const std::string& each : issuers) {
            into_.entries.push_back({.what = what, .provider = provider_, .before = into_.issued_at, .issuer = each});
        }
    }

    const std::string& provider_;
    const issuers_of_event& issuers_;
    issuer_notice& into_;
};

void describe(std::string& about, std::string_view what) {
    about.append(about.empty() ? "" : ", ").append(what);
}

} // namespace

std::expected<issuer_notice, refusal> judge_security_event(const verification_rules& rules, const std::vector<issuer_pattern>& issuers,
                                                           const signed_claims& token, time_point now) {
    if (!token.type || !is_type(*token.type, "secevent+jwt")) {
        return std::unexpected(refusal(reason::type_mismatch, token.type ? "typ is " + in_quotes(*token.type) : "no typ"));
    }
    auto said = check_event_claims(rules, token.claims, now);
    if (!said) {
        return std::unexpected(std::move(said).error());
    }
    issuer_notice made{.issuer = said->issuer, .id = std::move(said->id), .issued_at = said->issued_at};
    const issuers_of_event meant(issuers, rules.issuers, said->issuer, token.claims);
    revocations_of_event revokes(rules.provider, meant, made);
    for (const auto& each : *said->events) {
        const known_event* const known = find_known(each.key());
        if (known == nullptr) {
            describe(made.about, "an event that is not acted on: " + in_quotes(std::string_view(each.key())));
            continue;
        }
        describe(made.about, known->word);
        if (known->what == about::nothing) {
            continue;
        }
        const auto identifier = find_subject(token.claims, each.value().get_object());
        auto subject = identifier && *identifier != nullptr ? read_event_subject(**identifier)
                       : identifier                         ? std::unexpected(refusal(reason::claim_missing, "no subject"))
                                                            : std::unexpected(identifier.error());
        if (!subject) {
            return std::unexpected(std::move(subject).error());
        }
        const std::size_t before = made.entries.size();
        revokes.add(known->what, *subject);
        if (made.entries.size() == before) {
            describe(made.about, "a subject that is not acted on");
        }
    }
    bound_cause(made.about);
    return made;
}

event_error event_error_of(reason why) noexcept {
    switch (why) {
    case reason::issuer_mismatch:
        return {"invalid_issuer", "The issuer is not one that is listened to"};
    case reason::audience_mismatch:
        return {"invalid_audience", "It is for another audience"};
    case reason::algorithm_not_allowed:
    case reason::key_not_found:
    case reason::signature_invalid:
        return {"invalid_key", "No key of the issuer verifies it"};
    case reason::token_missing:
        return {"authentication_failed", "Authorization is missing or wrong"};
    default:
        return {"invalid_request", "It is no security event token that can be used"};
    }
}

} // namespace bearward::policies::tokens

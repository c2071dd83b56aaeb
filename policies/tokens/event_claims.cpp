#include "policies/tokens/event_claims.hpp"

#include "policies/ascii.hpp"
#include "policies/date_text.hpp"
#include "policies/text.hpp"
#include "policies/tokens/claims.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using fault = std::optional<refusal>;

refusal refuse(reason why, std::string cause) {
    bound_cause(cause);
    return {why, std::move(cause)};
}

fault check_issuer(const verification_rules& rules, const std::string& issuer, const json::object& claims) {
    const bool ours = rules.issuers.empty() ||
                      std::ranges::any_of(rules.issuers, [&](const issuer_pattern& each) { return each.matches(issuer, claims); });
    return ours ? std::nullopt : fault(refuse(reason::issuer_mismatch, "iss is " + in_quotes(issuer)));
}

fault check_audience(const verification_rules& rules, const json::object& claims) {
    const auto audience = read_strings(claims.if_contains("aud"));
    if (!audience) {
        return refuse(reason::token_malformed, "aud is neither a string nor an array of strings");
    }
    if (std::ranges::find_first_of(*audience, rules.audiences) != audience->end()) {
        return std::nullopt;
    }
    return refuse(reason::audience_mismatch, audience->empty() ? "no aud" : "aud is " + in_quotes(audience->front()));
}

std::string date_cause(std::string_view name, time_point date, time_point now) {
    return std::string(name) + " " + to_rfc3339(date) + ", now " + to_rfc3339(now);
}

/// Also that `iat` is there.
fault check_dates(const verification_rules& rules, const json::object& claims, time_point now) {
    const auto expires = read_date(claims, "exp");
    const auto begins = read_date(claims, "nbf");
    const auto issued_at = read_date(claims, "iat");
    if (!expires || !begins || !issued_at) {
        return refuse(reason::token_malformed, "exp, nbf or iat is no date");
    }
    if (*expires && now - rules.clock_skew >= **expires) {
        return refuse(reason::token_expired, date_cause("exp", **expires, now));
    }
    for (const auto& [name, date] : {std::pair("nbf", *begins), std::pair("iat", *issued_at)}) {
        if (date && now + rules.clock_skew < *date) {
            return refuse(reason::token_not_yet_valid, date_cause(name, *date, now));
        }
    }
    return *issued_at ? std::nullopt : fault(refuse(reason::claim_missing, "no iat"));
}

/// `events`: names of events, each with what is said of it (RFC 8417 section 2.2).
std::expected<const json::object*, refusal> find_events(const json::object& claims) {
    const json::value* const found = claims.if_contains("events");
    const json::object* const events = found != nullptr ? found->if_object() : nullptr;
    if (events == nullptr || events->empty()) {
        return std::unexpected(refuse(reason::type_mismatch, "events is missing, or no object with a member"));
    }
    for (const auto& each : *events) {
        if (!each.value().is_object()) {
            return std::unexpected(refuse(reason::token_malformed, "events: " + in_quotes(std::string_view(each.key())) + " is no object"));
        }
    }
    return events;
}

} // namespace

bool is_type(std::string_view type, std::string_view wanted) noexcept {
    constexpr std::string_view prefix = "application/";
    type.remove_prefix(equal_ignoring_case(type.substr(0, prefix.size()), prefix) ? prefix.size() : 0);
    return equal_ignoring_case(type, wanted);
}

std::expected<std::optional<std::string>, refusal> read_event_text(const json::object& from, std::string_view name) {
    const json::value* const found = from.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return std::nullopt;
    }
    const json::string* const text = found->if_string();
    if (text == nullptr || text->empty()) {
        return std::unexpected(refuse(reason::claim_mismatch, std::string(name) + " is no text, or empty"));
    }
    if (const auto wrong = find_id_fault(*text); !wrong.empty()) {
        return std::unexpected(refuse(reason::claim_mismatch, std::string(name) + " " + std::string(wrong)));
    }
    return std::string(*text);
}

std::expected<event_claims, refusal> check_event_claims(const verification_rules& rules, const json::object& claims, time_point now) {
    auto issuer = read_event_text(claims, "iss");
    if (!issuer || !*issuer) {
        return std::unexpected(issuer ? refuse(reason::issuer_mismatch, "no iss") : std::move(issuer).error());
    }
    auto wrong = check_issuer(rules, **issuer, claims);
    wrong = wrong ? std::move(wrong) : check_audience(rules, claims);
    wrong = wrong ? std::move(wrong) : check_dates(rules, claims, now);
    if (wrong) {
        return std::unexpected(*std::move(wrong));
    }
    auto id = read_event_text(claims, "jti");
    if (!id || !*id) {
        return std::unexpected(id ? refuse(reason::claim_missing, "no jti") : std::move(id).error());
    }
    const auto events = find_events(claims);
    if (!events) {
        return std::unexpected(events.error());
    }
    return event_claims{.issuer = **std::move(issuer), .id = **std::move(id), .issued_at = **read_date(claims, "iat"), .events = *events};
}

} // namespace bearward::policies::tokens

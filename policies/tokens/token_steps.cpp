#include "policies/tokens/token_steps.hpp"

#include "policies/date_text.hpp"
#include "policies/tokens/token_causes.hpp"

#include <algorithm>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

constexpr std::string_view stage = "token";

std::string in_units(std::chrono::milliseconds length) {
    return length.count() % 1000 == 0 ? std::to_string(length.count() / 1000) + "s" : std::to_string(length.count()) + "ms";
}

std::string skew_text(const verification_rules& rules) {
    return "clock_skew " + in_units(rules.clock_skew);
}

json::value value_or_null(const json::value* value) {
    return value == nullptr ? json::value(nullptr) : *value;
}

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? show(*text) : json::value(nullptr);
}

} // namespace

step form_step(std::string_view what) {
    return {.stage = stage, .check = "form", .note = std::string(what)};
}

step key_step(const jose::key_set& keys, const jose::jws& token, std::size_t tried) {
    step made{.stage = stage, .check = "kid", .found = text_or_null(token.key_id)};
    std::vector<std::string> ids;
    for (const jose::key& each : keys.keys) {
        if (!each.id().empty()) {
            ids.push_back(each.id());
        }
    }
    if (keys.selection == jose::key_selection::ignore_id) {
        made.note = "not looked at: a secret or a PEM file";
    } else if (token.key_id) {
        made.expected = show(ids);
    } else {
        made.note = "the token names no key; those that fit are tried";
    }
    if (tried == 0) {
        made.note.append(made.note.empty() ? "" : "; ").append("no such key for ").append(to_string(token.alg));
    }
    return made;
}

step signature_step(const jose::jws& token, std::size_t tried, const jose::key* by) {
    step made{.stage = stage, .check = "signature"};
    if (by == nullptr) {
        made.note = "none of the " + std::to_string(tried) + " keys tried made it";
        if (tried == 1) {
            made.note = "the key did not make it";
        }
    } else {
        made.note = "verified with " + std::string(to_string(token.alg));
        if (!by->id().empty()) {
            made.found = show(by->id());
        }
    }
    return made;
}

step claims_step(std::span<const std::pair<std::string_view, bool>> read, const identity& who) {
    step made{.stage = stage, .check = "claims", .note = "dates, identity, jti and sid have the right types"};
    std::vector<std::string> wrong;
    for (const auto& [name, good] : read) {
        if (!good) {
            wrong.emplace_back(name);
        }
    }
    if (!wrong.empty()) {
        made.found = show(wrong);
        made.note = "of a wrong type";
        return made;
    }
    for (const auto& [name, unknown] : {std::pair("user", who.unknown.user), std::pair("tenant", who.unknown.tenant),
                                        std::pair("roles", who.unknown.roles), std::pair("scopes", who.unknown.scopes)}) {
        if (unknown) {
            made.note.append("; ").append(name).append(" can't be read in the default claims: unknown");
        }
    }
    return made;
}

step issuer_step(const verification_rules& rules, const json::value* issuer) {
    step made{.stage = stage, .check = "iss", .found = value_or_null(issuer)};
    if (rules.issuers.empty()) {
        made.note = "the provider names no issuer";
        return made;
    }
    std::vector<std::string> accepted;
    for (const issuer_pattern& each : rules.issuers) {
        accepted.push_back(each.text());
        if (issuer != nullptr && issuer->is_string() && differ_by_slash(each.text(), std::string_view(issuer->get_string()))) {
            made.note = "they differ by the slash at the end";
        }
    }
    made.expected = accepted.size() == 1 ? show(accepted.front()) : show(accepted);
    if (issuer == nullptr) {
        made.note = "absent";
    }
    return made;
}

step audience_step(const verification_rules& rules, const std::vector<std::string>& audience) {
    step made{.stage = stage, .check = "aud"};
    if (rules.audiences.empty()) {
        made.note = "not looked at: the provider names no audiences";
        return made;
    }
    made.found = show(audience);
    made.expected = show(rules.audiences);
    made.note = "one of them";
    return made;
}

step type_step(const verification_rules& rules, const std::optional<std::string>& type) {
    step made{.stage = stage, .check = "typ", .found = text_or_null(type), .expected = show(rules.types)};
    if (!type) {
        made.note = rules.require_type ? "absent, and require_type is on" : "absent";
    }
    return made;
}

step required_step(const required_claim& required, const found_claim& claim) {
    step made{.stage = stage, .check = "required_claims." + required.path.text(), .found = value_or_null(claim.value)};
    if (required.present_only) {
        made.note = "must be present";
    } else if (required.pattern) {
        made.expected = show(*required.pattern);
        made.note = "`*` stands for any bytes";
    } else {
        made.expected = json::array(required.values.begin(), required.values.end());
    }
    if (!claim.readable) {
        made.note += made.note.empty() ? "" : "; ";
        made.note += "something that the path can't go through lies on its way";
    } else if (claim.value == nullptr) {
        made.note += made.note.empty() ? "absent" : "; it is absent";
    }
    return made;
}

step user_step(const verified_token& token) {
    step made{.stage = stage, .check = "user", .found = show(token.who.user)};
    if (token.who.user.empty()) {
        made.note = "the token names none, and require_user is on";
    }
    return made;
}

step lifetime_step(const verification_rules& rules, const verified_token& token) {
    step made{.stage = stage, .check = "lifetime"};
    if (!rules.max_lifetime) {
        made.note = "not looked at: no max_lifetime";
    } else if (!token.expires || !token.issued_at) {
        made.note = "needs exp and iat";
    } else {
        made.found = show(in_units(*token.expires - *token.issued_at));
        made.expected = show("at most " + in_units(*rules.max_lifetime));
    }
    return made;
}

step expiry_step(const verification_rules& rules, const verified_token& token, time_point now) {
    step made{.stage = stage, .check = "exp"};
    if (token.expires) {
        made.found = show(*token.expires);
        made.expected = show("later than " + to_rfc3339(now - rules.clock_skew) + " (now less " + skew_text(rules) + ")");
    } else {
        made.note = rules.require_expiry ? "absent, and require_expiry is on" : "absent";
    }
    return made;
}

step start_step(std::string_view claim, time_point date, time_point latest, const verification_rules& rules) {
    step made{.stage = stage, .check = std::string(claim), .found = show(date)};
    made.expected = show("not later than " + to_rfc3339(latest) + " (now and " + skew_text(rules) + ")");
    return made;
}

step revocation_step(const verified_token& token) {
    const auto entry = [](std::string_view kind, std::string_view name) {
        return name.empty() ? std::string() : std::string(kind).append(name);
    };
    std::vector<std::string> names{entry("jti:", token.id), entry("sid:", token.session), entry("user:", token.who.user),
                                   entry("tenant:", token.who.tenant)};
    for (const std::string& each : token.who.unknown.tenant ? token.readable_tenants : token.who.tenants) {
        names.push_back("tenant:" + each);
    }
    std::erase(names, "");
    return {.stage = stage, .check = "revocation", .found = show(names), .note = "none of them may stand in the revocation list"};
}

step binding_step(const confirmation& bound_to, std::string unproven) {
    step made{.stage = stage, .check = "cnf", .note = std::move(unproven)};
    std::vector<std::string> named;
    for (const auto& [name, value] : {std::pair("x5t#S256 ", &bound_to.certificate), std::pair("jkt ", &bound_to.key)}) {
        if (!value->empty()) {
            named.push_back(name + *value);
        }
    }
    if (!named.empty()) {
        made.expected = show(named);
    }
    if (made.note.empty()) {
        made.note = "the request proves what the token is bound to";
    }
    return made;
}

} // namespace bearward::policies::tokens

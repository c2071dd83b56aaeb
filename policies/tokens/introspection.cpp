#include "policies/tokens/introspection.hpp"

#include "policies/ascii.hpp"
#include "policies/explanation.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/claims_reading.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

step active_step(bool active) {
    return {.stage = "token", .check = "active", .found = json::value(active), .expected = json::value(true)};
}

/// Whether the token is for those who prove something besides, or isn't one to get in with
/// (OAuth Access Token Types): only a bearer token may be taken from whoever has it.
bool is_no_bearer_token(const json::value& type) {
    constexpr std::array<std::string_view, 4> others{"dpop", "pop", "mac", "n_a"};
    const json::string* const text = type.if_string();
    return text == nullptr || std::ranges::any_of(others, [&](std::string_view other) { return equal_ignoring_case(*text, other); });
}

} // namespace

std::expected<introspected, std::string> read_introspection(const verification_rules& rules, std::string_view body, explanation* observer) {
    if (body.size() > longest_introspection) {
        return std::unexpected("the answer is longer than " + std::to_string(longest_introspection) + " bytes");
    }
    auto claims = jose::parse_json_object(body);
    if (!claims) {
        return std::unexpected("the answer is not one sound JSON object");
    }
    const json::value* const active = claims->if_contains("active");
    if (active == nullptr || !active->is_bool()) {
        return std::unexpected("the answer has no `active` that is true or false");
    }
    tell(observer, active->get_bool() ? reason::ok : reason::token_inactive, [&] { return active_step(active->get_bool()); });
    if (!active->get_bool()) {
        return introspected(std::unexpected(refusal(reason::token_inactive, "the issuer says that it is not active")));
    }
    const json::value* const type = claims->if_contains("token_type");
    const bool bound = type != nullptr && !type->is_null() && is_no_bearer_token(*type);
    auto read = read_claims(rules, std::move(*claims), std::nullopt, observer);
    if (!read) {
        return introspected(std::unexpected(std::move(read).error()));
    }
    if (bound) {
        (*read)->bound_to.present = true;
        (*read)->bound_to.fault = "token_type is none of a bearer token";
    }
    return introspected(std::move(*read));
}

void append_form_text(std::string& out, std::string_view text) {
    for (const char byte : text) {
        if (is_alphanumeric(byte) || std::string_view("*-._").contains(byte)) {
            out += byte;
        } else if (byte == ' ') {
            out += '+';
        } else {
            out += '%';
            append_hex(out, byte, upper_hex);
        }
    }
}

std::string make_introspection_form(std::string_view token) {
    std::string form = "token=";
    append_form_text(form, token);
    return form += "&token_type_hint=access_token";
}

} // namespace bearward::policies::tokens

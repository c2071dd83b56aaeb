#include "policies/tokens/event_token.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/event_claims.hpp"

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// Empty: it can't be read.
json::object read_part(std::string_view encoded) {
    const auto text = jose::decode_base64url(encoded);
    auto members = text ? jose::parse_json_object(*text) : std::nullopt;
    return members ? *std::move(members) : json::object();
}

} // namespace

bool is_event(const std::optional<std::string>& type, const json::object& claims) {
    const json::value* const events = claims.if_contains("events");
    return (events != nullptr && !events->is_null()) || (type && (is_type(*type, "logout+jwt") || is_type(*type, "secevent+jwt")));
}

bool looks_like_event(std::string_view token) {
    const std::size_t dot = token.find('.');
    if (dot == std::string_view::npos) {
        return false;
    }
    const json::object header = read_part(token.substr(0, dot));
    const json::value* const type = header.if_contains("typ");
    const auto parts = jose::split_jws(token);
    return is_event(type != nullptr && type->is_string() ? std::optional<std::string>(type->get_string()) : std::nullopt,
                    parts ? read_part(parts->payload) : json::object());
}

} // namespace bearward::policies::tokens

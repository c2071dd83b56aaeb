#include "policies/tokens/confirmation.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/text.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// A SHA-256 in base64url, which has one encoding: texts may be compared.
bool read_hash(const json::value& value, std::string& out) {
    constexpr std::size_t size = 32;
    const json::string* const text = value.if_string();
    const auto bytes = text != nullptr ? jose::decode_base64url(std::string_view(*text)) : std::nullopt;
    if (!bytes || bytes->size() != size) {
        return false;
    }
    out.assign(text->data(), text->size());
    return true;
}

} // namespace

confirmation parse_confirmation(const json::value* claim) {
    confirmation made;
    if (claim == nullptr || claim->is_null()) {
        return made;
    }
    made.present = true;
    const json::object* const members = claim->if_object();
    if (members == nullptr) {
        made.fault = "cnf is not an object";
        return made;
    }
    for (const json::key_value_pair& each : *members) {
        if (each.value().is_null()) {
            continue;
        }
        const bool certificate = each.key() == "x5t#S256";
        if (!certificate && each.key() != "jkt") {
            made.fault = "cnf has " + in_quotes(each.key()) + ", which can't be verified";
        } else if (!read_hash(each.value(), certificate ? made.certificate : made.key)) {
            made.fault = std::string(certificate ? "cnf.x5t#S256" : "cnf.jkt") + " is not a SHA-256 in base64url";
        }
    }
    if (made.fault.empty() && made.certificate.empty() && made.key.empty()) {
        made.fault = "cnf says nothing";
    }
    return made;
}

} // namespace bearward::policies::tokens

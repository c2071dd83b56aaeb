#include "config/told_apart.hpp"

#include "config/encoding.hpp"

#include <variant>

namespace bearward::config {
namespace {

bool verifies_by_keys(const provider_settings& of) {
    return std::holds_alternative<jwt_settings>(of.type);
}

bool asks_issuer(const provider_settings& of) {
    return std::holds_alternative<introspection_settings>(of.type);
}

} // namespace

std::string shared_issuer(const provider_settings& added, const provider_settings& other) {
    using policies::tokens::issuer_pattern;
    for (const issuer_pattern& left : added.issuers) {
        for (const issuer_pattern& right : other.issuers) {
            if (left.is_template() == right.is_template() && issuer_pattern::overlap(left, right)) {
                return left.text() == right.text() ? " " + quote(left.text())
                                                   : ", for " + quote(left.text()) + " and " + quote(right.text()) + " fit the same texts";
            }
        }
    }
    return {};
}

std::string describe_confusion(const provider_settings& added, const provider_settings& other) {
    const bool both_have_keys = verifies_by_keys(added) && verifies_by_keys(other);
    if (asks_issuer(added) && asks_issuer(other)) {
        return "a route can have one provider of type introspection; " + quote(other.name) +
               " is one too, and a token couldn't tell which of them it is for";
    }
    if (both_have_keys && added.issuers.empty() && other.issuers.empty()) {
        return "a route can have one provider without issuer; " + quote(other.name) + " is one too";
    }
    const auto shared = shared_issuer(added, other);
    return shared.empty() || !both_have_keys
               ? std::string()
               : quote(other.name) + " has the same issuer" + shared + "; a token couldn't tell which of them it is for";
}

} // namespace bearward::config

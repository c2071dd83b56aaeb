#include "config/same_users.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace bearward::config {
namespace {

using values = std::vector<boost::json::value>;

/// The values that a claim must have to give the tenant or the user; none: any.
values demanded(const provider_settings& provider, const policies::tokens::mapped_claim& from) {
    const bool one = from.sources.size() == 1 && from.sources.front().how == policies::tokens::claim_source::form::plain;
    for (const claim_settings& each : provider.required_claims) {
        if (one && !each.present_only && !each.pattern && each.path == from.sources.front().path) {
            return each.values;
        }
    }
    return {};
}

/// All that the keys have; a key without one has empty text, which no claim gives.
values written(const api_keys_settings& from, std::string api_key_settings::* member) {
    values all;
    for (const api_key_settings& each : from.keys) {
        all.emplace_back(each.*member);
    }
    return all;
}

/// Whose certificates may be, or nothing where a certificate itself says so.
values written(const certificate_provider_settings& from,
               policies::tokens::certificate_value policies::tokens::certificate_match::* member) {
    values all;
    for (const policies::tokens::certificate_match& each : from.match) {
        if ((each.*member).from) {
            return {};
        }
        all.emplace_back((each.*member).text);
    }
    return all;
}

bool nothing_in_common(const values& left, const values& right) {
    return !left.empty() && !right.empty() && std::ranges::find_first_of(left, right) == left.end();
}

bool have_different_keys(const api_keys_settings& left, const api_keys_settings& right) {
    return std::ranges::none_of(left.keys, [&](const api_key_settings& one) {
        return std::ranges::any_of(right.keys,
                                   [&](const api_key_settings& other) { return one.user == other.user && one.tenant == other.tenant; });
    });
}

} // namespace

bool have_different_users(const provider_settings& left, const provider_settings& right) {
    using policies::tokens::claim_mapping;
    const auto* const left_keys = std::get_if<api_keys_settings>(&left.type);
    const auto* const right_keys = std::get_if<api_keys_settings>(&right.type);
    if (left_keys != nullptr && right_keys != nullptr) {
        return have_different_keys(*left_keys, *right_keys);
    }
    using policies::tokens::certificate_match;
    using policies::tokens::certificate_value;
    const auto differ = [&](policies::tokens::mapped_claim claim_mapping::* claim, std::string api_key_settings::* of_key,
                            certificate_value certificate_match::* of_certificate) {
        const auto given = [&](const provider_settings& from) {
            if (const auto* const keys = std::get_if<api_keys_settings>(&from.type)) {
                return written(*keys, of_key);
            }
            const auto* const certificates = std::get_if<certificate_provider_settings>(&from.type);
            return certificates != nullptr ? written(*certificates, of_certificate) : demanded(from, from.claims.*claim);
        };
        return nothing_in_common(given(left), given(right));
    };
    return differ(&claim_mapping::tenant, &api_key_settings::tenant, &certificate_match::tenant) ||
           differ(&claim_mapping::user, &api_key_settings::user, &certificate_match::user);
}

} // namespace bearward::config

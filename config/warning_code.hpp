// The codes of warnings: what a line ends with in brackets, and what
// `allow_warnings` takes. One row a code.
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace bearward::config {

enum class warning_code : std::uint8_t {
    inline_secret,
    no_audience,
    mixed_algorithms,
    weak_keys,
    insecure_url,
    unreachable_route,
    looser_route,
    looser_literal,
    shared_identity,
    any_issuer,
    observed,
    observed_all,
    unmatched_include,
    unusable_key,
    private_key,
    revocation_forgets,
    revocation_local,
    long_drain,
    certificate_dates,
    certificate_names,
    unverified_upstream,
};

/// What a warning may speak of: where `allow_warnings` takes its code. A bit each.
using warning_subjects = std::uint8_t;
inline constexpr warning_subjects of_neither = 1; ///< allowed at the top
inline constexpr warning_subjects of_provider = 2;
inline constexpr warning_subjects of_route = 4;

struct warning_row {
    warning_code value;
    std::string_view word;
    warning_subjects subjects;
    std::string_view meaning; ///< for the reference page
};

inline constexpr auto warning_code_table = std::to_array<warning_row>({
    {warning_code::inline_secret, "inline-secret", of_provider, "A secret stands in the configuration itself."},
    {warning_code::no_audience, "no-audience", of_provider,
     "Neither audiences nor a required claim names this API (client_id, azp, appid, aud)."},
    {warning_code::mixed_algorithms, "mixed-algorithms", of_provider, "HS algorithms stand beside others."},
    {warning_code::weak_keys, "weak-keys", of_provider, "A key is too weak for its algorithm, and allowed all the same."},
    {warning_code::insecure_url, "insecure-url", of_provider | of_neither,
     "Keys come over http:// from another host, or spans go to one so."},
    {warning_code::unreachable_route, "unreachable-route", of_route, "No request can match the route."},
    {warning_code::looser_route, "looser-route", of_route, "Inside another route's prefix, and public or without one of its requirements."},
    {warning_code::looser_literal, "looser-literal", of_route,
     "A literal path takes requests from a route with a capture, and requires less."},
    {warning_code::shared_identity, "shared-identity", of_provider | of_route,
     "Two providers of a route could give the same user and tenant."},
    {warning_code::any_issuer, "any-issuer", of_provider, "Nothing bounds a name of an issuer template."},
    {warning_code::observed, "observed", of_route, "`mode: observe` forwards what the requirement denies."},
    {warning_code::observed_all, "observed-all", of_route, "`mode: observe_all` forwards what would be refused."},
    {warning_code::unmatched_include, "unmatched-include", of_neither, "A pattern of `include` matches no file."},
    {warning_code::unusable_key, "unusable-key", of_provider, "A key of a set can't be used."},
    {warning_code::private_key, "private-key", of_provider, "A key of a set holds its private part."},
    {warning_code::revocation_forgets, "revocation-forgets", of_provider,
     "A revocation is forgotten before the tokens that it is about expire."},
    {warning_code::revocation_local, "revocation-local", of_provider, "Revocations are known to this process alone."},
    {warning_code::long_drain, "long-drain", of_neither, "A stop can take longer than Kubernetes waits."},
    {warning_code::certificate_dates, "certificate-dates", of_neither, "A listener's certificate has expired, or isn't valid yet."},
    {warning_code::certificate_names, "certificate-names", of_neither, "A listener's certificate names no host."},
    {warning_code::unverified_upstream, "unverified-upstream", of_neither, "An upstream's certificate isn't verified."},
});

static_assert(policies::is_word_table(warning_code_table));

[[nodiscard]] constexpr std::string_view to_string(warning_code code) noexcept {
    return policies::word_of(warning_code_table, code);
}

/// Where its code stands in `allow_warnings`, for people.
[[nodiscard]] constexpr std::string_view place_of(warning_subjects subjects) noexcept {
    constexpr std::array<std::string_view, 8> places{"",
                                                     "at the top of the configuration",
                                                     "on the provider that it speaks of",
                                                     "on the provider that it speaks of, or at the top of the configuration",
                                                     "on the route that it speaks of",
                                                     "on the route that it speaks of, or at the top of the configuration",
                                                     "on the route or a provider that it speaks of",
                                                     "on the route or a provider that it speaks of, or at the top of the configuration"};
    return places[subjects & 7U];
}

} // namespace bearward::config

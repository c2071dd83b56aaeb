// Client certificates as credentials: whose a verified certificate is, by patterns of its names.
#pragma once

#include "policies/requests/client_certificate.hpp"
#include "policies/tokens/verified_token.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

/// A part of an identity: text, or what the certificate has.
struct certificate_value {
    std::optional<requests::certificate_fact> from; ///< nothing: the text
    std::string text;

    [[nodiscard]] bool empty() const noexcept { return !from && text.empty(); }
};

/// Certificates of some names, and whose they are. Patterns are globs (matches_glob), each of
/// which must fit; empty: any. One at least is not empty.
struct certificate_match {
    std::string dns; ///< in lower case
    std::string subject;
    std::string uri;
    certificate_value user;   ///< empty: none
    certificate_value tenant; ///< empty: none
    std::vector<certificate_value> roles;
    std::vector<certificate_value> scopes;
};

/// The identity by the first of `all` that fits; null: none does. What a value takes of the
/// certificate is the name that its pattern fitted first, or without a pattern its only one of
/// that kind; a certificate without it does not fit. The identity ends with the certificate.
[[nodiscard]] verified_token_ptr match_certificate(std::span<const certificate_match> all, std::string_view provider,
                                                   const requests::client_certificate& shown);

/// Whether a subject (RFC 2253) fits a pattern: `*` stands for any bytes but a part of an escape,
/// so that `\,` within a value never passes for the comma between two.
[[nodiscard]] bool matches_subject(std::string_view pattern, std::string_view subject);

/// What is wrong with a pattern of subjects; empty: nothing.
[[nodiscard]] std::string fault_of_subject_pattern(std::string_view pattern);

} // namespace bearward::policies::tokens

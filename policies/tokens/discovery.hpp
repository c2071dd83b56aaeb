// The document in which an issuer says where its keys are (OpenID Connect Discovery 1.0
// section 3, RFC 8414 section 2). It is read as the issuer's word on nothing but that.
#pragma once

#include "policies/tokens/issuer_pattern.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

/// The `jwks_uri` of a discovery document whose `issuer` is one of `issuers`: equal byte
/// for byte. A template's document names the template itself, not one issuer of its form;
/// `{tenantid}` in it stands for `{tid}`, as Microsoft's shared documents have it. Error: a sentence.
[[nodiscard]] std::expected<std::string, std::string> parse_discovery(std::string_view json, std::span<const issuer_pattern> issuers);

} // namespace bearward::policies::tokens

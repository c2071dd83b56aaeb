#include "policies/tokens/discovery.hpp"

#include "policies/jose/strict_json.hpp"
#include "policies/text.hpp"

#include <algorithm>
#include <optional>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

std::optional<std::string> text_of(const json::object& document, std::string_view name) {
    const json::value* const member = document.if_contains(name);
    return member != nullptr && member->is_string() && !member->get_string().empty() ? std::optional<std::string>(member->get_string())
                                                                                     : std::nullopt;
}

/// A document for all tenants names none: its issuer is the template itself.
std::string with_claim_name(std::string issuer) {
    constexpr std::string_view theirs = "{tenantid}";
    if (const auto at = issuer.find(theirs); at != std::string::npos) {
        issuer.replace(at, theirs.size(), "{tid}");
    }
    return issuer;
}

/// One issuer of a template's form does not speak for the others: with its keys it could
/// make tokens in their names.
bool is_one_of(std::span<const issuer_pattern> issuers, const std::string& issuer) {
    return std::ranges::any_of(issuers, [&](const issuer_pattern& each) {
        return each.text() == issuer || (each.is_template() && each.text() == with_claim_name(issuer));
    });
}

} // namespace

std::expected<std::string, std::string> parse_discovery(std::string_view text, std::span<const issuer_pattern> issuers) {
    const auto document = jose::parse_json_object(text);
    if (!document) {
        return std::unexpected("not a discovery document: not one JSON object in UTF-8 without duplicate names");
    }
    const auto issuer = text_of(*document, "issuer");
    if (!issuer) {
        return std::unexpected(document->contains("keys") ? "not a discovery document: it is a JWK set; keys.jwks_url takes that"
                                                          : "not a discovery document: it has no issuer");
    }
    if (!is_one_of(issuers, *issuer)) {
        std::string message = "the document's issuer is " + in_quotes(*issuer) + ", which is not ";
        for (std::size_t index = 0; index < issuers.size(); ++index) {
            message += (index == 0 ? "" : " or ") + in_quotes(issuers[index].text());
        }
        return std::unexpected(std::move(message));
    }
    auto keys = text_of(*document, "jwks_uri");
    if (!keys) {
        return std::unexpected("the discovery document has no jwks_uri");
    }
    return *std::move(keys);
}

} // namespace bearward::policies::tokens

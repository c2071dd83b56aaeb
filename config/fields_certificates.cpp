#include "config/fields_certificates.hpp"

#include "config/encoding.hpp"
#include "config/section.hpp"
#include "config/suggestion.hpp"
#include "config/values.hpp"
#include "policies/ascii.hpp"

#include <algorithm>
#include <string>

namespace bearward::config {
namespace {

using policies::requests::certificate_fact_table;
using policies::tokens::certificate_match;
using policies::tokens::certificate_value;

constexpr std::string_view fact_prefix = "certificate.";

using pattern_result = std::expected<std::string, std::string>;

codec<std::string> pattern(const std::string& expected, std::function<pattern_result(std::string_view)> parse) {
    return absent_if_empty(
        parsed<std::string>(expected, std::move(parse), [](const std::string& value) { return boost::json::value(value); }));
}

/// A name that could never be one of a certificate's would let nobody in, and look as if it did.
pattern_result parse_host_pattern(std::string_view written) {
    const bool good = std::ranges::all_of(written, [](char byte) { return policies::is_base64url(byte) || byte == '.' || byte == '*'; });
    return good ? pattern_result(policies::lowered(written))
                : std::unexpected("a host name has letters, digits, - and _ between its dots; `*` stands for any of them");
}

pattern_result parse_subject_pattern(std::string_view written) {
    const bool printable = std::ranges::all_of(written, [](char byte) { return byte >= 0x20 && byte <= 0x7E; });
    std::string fault = printable ? policies::tokens::fault_of_subject_pattern(written)
                                  : std::string("RFC 2253 writes other bytes than printable ASCII as escapes, such as \\C3\\A9");
    return fault.empty() ? pattern_result(written) : std::unexpected(std::move(fault));
}

pattern_result parse_uri_pattern(std::string_view written) {
    const bool good = std::ranges::all_of(written, [](char byte) { return byte >= 0x21 && byte <= 0x7E; });
    return good ? pattern_result(written) : std::unexpected("a URI has printable ASCII without blanks");
}

/// Text, or `certificate.` and what the certificate has.
codec<certificate_value> value_or_fact(const std::string& expected) {
    const codec<std::string> literal = rule_text(expected);
    codec<certificate_value> made;
    made.form = literal.form;
    made.read = [read = literal.read](reading& state, const cursor& at, certificate_value& out) {
        certificate_value value;
        if (!read(state, at, value.text)) {
            return false;
        }
        if (at.value.type == node::kind::scalar && value.text.starts_with(fact_prefix)) {
            value.from = policies::find_word(certificate_fact_table, value.text);
            value.text.clear();
        }
        if (value.empty()) {
            std::vector<std::string> words;
            std::ranges::transform(certificate_fact_table, std::back_inserter(words),
                                   [](const auto& row) { return std::string(row.word); });
            return state.error(at, "a certificate has " + join(words) + suggest(at.value.text, words));
        }
        out = std::move(value);
        return true;
    };
    made.show = [show = literal.show](const certificate_value& value) {
        return value.from ? boost::json::value(policies::word_of(certificate_fact_table, *value.from)) : show(value.text);
    };
    return made;
}

const section<certificate_match>& match_fields() {
    using owner = certificate_match;
    static const section<owner> declared =
        section<owner>("certificate_match")
            .field("dns", &owner::dns, pattern("a pattern of host names", parse_host_pattern),
                   "One of its DNS names in subjectAltName; `*` stands for any bytes. Case does not count.")
            .field("subject", &owner::subject, pattern("a pattern of subjects", parse_subject_pattern),
                   "Its subject as RFC 2253 writes it, the last part first: CN=sensor-1,O=Example. `*` stands for any bytes.")
            .field("uri", &owner::uri, pattern("a pattern of URIs", parse_uri_pattern),
                   "One of its URIs in subjectAltName, such as a SPIFFE ID; `*` stands for any bytes.")
            .field("user", &owner::user, absent_if_empty(value_or_fact("a user")),
                   "Whose it is: text, or certificate.dns, certificate.uri, certificate.subject, certificate.sha256 (hex): the name that "
                   "matched, or where that key is not written the only one; a certificate without it doesn't match.")
            .field("tenant", &owner::tenant, absent_if_empty(value_or_fact("a tenant")), "The tenant, likewise.")
            .field("roles", &owner::roles, list(value_or_fact("a role")), "The roles of requests with this certificate.")
            .field("scopes", &owner::scopes, list(value_or_fact("a scope")), "Their scopes.")
            .check([](reading& state, const cursor& at, owner& entry) {
                const bool any = !entry.dns.empty() || !entry.subject.empty() || !entry.uri.empty();
                const bool written =
                    at.value.find("dns") != nullptr || at.value.find("subject") != nullptr || at.value.find("uri") != nullptr;
                return any || written || state.error(at, "needs dns, subject or uri: which certificates are meant");
            });
    return declared;
}

} // namespace

codec<std::vector<certificate_match>> certificate_matches() {
    return list(nested("certificate_match", &match_fields), 1);
}

} // namespace bearward::config

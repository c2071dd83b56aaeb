// Whatever an authority signed, and whatever is written as a pattern of subjects: no crash, no name
// that could be read as something else in a header, and no identity that a pattern does not give.
#include "policies/decide.hpp"
#include "policies/jose/certificate_names.hpp"
#include "policies/tokens/certificate_match.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace policies = bearward::policies;
namespace jose = policies::jose;
namespace requests = policies::requests;
namespace tokens = policies::tokens;

namespace {

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class shown final : public requests::client_certificate {
public:
    explicit shown(jose::certificate_names names) : names_(std::move(names)) {}
    [[nodiscard]] std::string_view sha256() const override { return "AAAA"; }
    [[nodiscard]] const jose::certificate_names* names() const override { return &names_; }

private:
    jose::certificate_names names_;
};

std::size_t count_members(std::string_view list) {
    return list.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(list, ',')) + 1;
}

void check_names(const jose::certificate_names& names) {
    must(std::ranges::all_of(names.subject, [](char byte) { return byte >= 0x20 && byte <= 0x7E; }));
    must(names.dns.size() <= jose::most_certificate_names && names.uris.size() <= jose::most_certificate_names);
    const std::string_view of_hosts = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (const std::string& each : names.dns) {
        must(!each.empty() && each.find_first_not_of(of_hosts) == std::string::npos && !each.contains(".."));
    }
    must(names.subject.empty() || tokens::matches_subject(names.subject, names.subject) || names.subject.contains('*'));

    const shown certificate(names);
    for (const auto& row : requests::certificate_fact_table) {
        const std::string value = policies::certificate_header_value(
            {.name = "X", .from = policies::identity_header::source::certificate, .certificate = row.value}, certificate);
        must(std::ranges::all_of(value, [](char byte) { return byte >= 0x21 && byte <= 0x7E; }));
        must(row.value != requests::certificate_fact::dns || count_members(value) == names.dns.size());
        must(row.value != requests::certificate_fact::uri || count_members(value) == names.uris.size());
    }
    tokens::certificate_match by_dns;
    by_dns.dns = "*";
    by_dns.user.from = requests::certificate_fact::dns;
    const auto known = tokens::match_certificate(std::vector{by_dns}, "p", certificate);
    must((known != nullptr) == !names.dns.empty() && (known == nullptr || known->who.user == names.dns.front()));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const unsigned char* at = data;
    if (const std::unique_ptr<X509, decltype(&X509_free)> made{d2i_X509(nullptr, &at, static_cast<long>(size)), &X509_free};
        made != nullptr) {
        check_names(jose::read_certificate_names(*made));
    }
    ERR_clear_error();
    // A subject that the client chose, behind a pattern's start and before its end.
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)tokens::fault_of_subject_pattern(text);
    (void)tokens::matches_subject(text, "CN=x\\,O=Acme,O=Other");
    std::string escaped = "CN=";
    for (const char byte : text) {
        escaped.append("\\").append(1, "0123456789ABCDEF"[static_cast<unsigned char>(byte) >> 4U]).append(1, "0123456789ABCDEF"[byte & 15]);
    }
    must(tokens::matches_subject("CN=*,O=Acme", escaped + ",O=Acme"));
    must(!tokens::matches_subject("CN=*,O=Acme", escaped));
    return 0;
}

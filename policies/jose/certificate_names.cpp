#include "policies/jose/certificate_names.hpp"

#include "policies/ascii.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <string_view>

namespace bearward::policies::jose {
namespace {

constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_label = 63;
/// SPIFFE's limit of an ID; others have less.
constexpr std::size_t longest_uri = 2048;

/// Labels of letters, digits, `-` and `_` alone.
bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > longest_host) {
        return false;
    }
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('.', at), name.size());
        const std::string_view label = name.substr(at, end - at);
        if (label.empty() || label.size() > longest_label || !std::ranges::all_of(label, is_base64url)) {
            return false;
        }
        at = end + 1;
    }
    return true;
}

bool is_plain_uri(std::string_view text) {
    return !text.empty() && text.size() <= longest_uri && std::ranges::all_of(text, [](char byte) { return byte >= 0x21 && byte <= 0x7E; });
}

/// All its bytes, also those behind a NUL.
std::string_view bytes_of(const ASN1_STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string read_subject(const X509& certificate) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
    const X509_NAME* const name = X509_get_subject_name(&certificate);
    if (out == nullptr || name == nullptr || X509_NAME_entry_count(name) == 0 ||
        X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) <= 0) {
        return {};
    }
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    const std::string_view written{text, size > 0 ? static_cast<std::size_t>(size) : 0};
    const bool printable = std::ranges::all_of(written, [](char byte) { return byte >= 0x20 && byte <= 0x7E; });
    return printable ? std::string(written) : std::string{};
}

void read_alternatives(const X509& certificate, certificate_names& into) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)), &GENERAL_NAMES_free};
    for (int index = 0; names != nullptr && index < sk_GENERAL_NAME_num(names.get()); ++index) {
        int type = 0;
        const auto* const value =
            static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), index), &type));
        if (type == GEN_DNS && into.dns.size() < most_certificate_names && is_host_name(bytes_of(value))) {
            into.dns.push_back(lowered(bytes_of(value)));
        } else if (type == GEN_URI && into.uris.size() < most_certificate_names && is_plain_uri(bytes_of(value))) {
            into.uris.emplace_back(bytes_of(value));
        }
    }
}

time_point read_end(const X509& certificate) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) {
        return time_point::min();
    }
    constexpr int first_year = 1900;
    const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + first_year),
                                          std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                          std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
           std::chrono::seconds(parts.tm_sec);
}

} // namespace

certificate_names read_certificate_names(const X509& certificate) {
    certificate_names made;
    made.subject = read_subject(certificate);
    read_alternatives(certificate, made);
    made.not_after = read_end(certificate);
    ERR_clear_error();
    return made;
}

} // namespace bearward::policies::jose

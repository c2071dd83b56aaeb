#include "policies/ascii.hpp"
#include "policies/decide.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace bearward::policies {
namespace {

namespace json = boost::json;

constexpr char role_separator = ',';
constexpr char scope_separator = ' ';
constexpr char name_separator = ',';

/// Appends the text with `%`, what is not visible ASCII, and the separator encoded.
void append_encoded(std::string& out, std::string_view text, char separator) {
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        if (byte >= 0x21 && byte <= 0x7E && each != '%' && each != separator) {
            out += each;
        } else {
            out += '%';
            append_hex(out, each, upper_hex);
        }
    }
}

void append_entry(std::string& out, std::string_view text, char separator) {
    if (text.empty()) {
        return;
    }
    if (!out.empty()) {
        out += separator;
    }
    append_encoded(out, text, separator);
}

std::string encode_list(const std::vector<std::string>& entries, char separator) {
    std::string out;
    for (const std::string& each : entries) {
        append_entry(out, each, separator);
    }
    return out;
}

std::string encode_text(std::string_view text) {
    std::string out;
    append_encoded(out, text, '%');
    return out;
}

/// As people write it: 1.5 and 100, never 1.5E0. The shortest that reads back as the same number.
std::string plain_decimal(double number) {
    constexpr std::size_t longest = 400; // of the largest double
    std::array<char, longest> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed).ptr;
    return {digits.data(), end};
}

/// JSON with its numbers in plain decimals.
void append_json(std::string& out, const json::value& value) {
    std::string_view separator;
    if (value.is_double()) {
        out += plain_decimal(value.get_double());
    } else if (const json::array* items = value.if_array(); items != nullptr) {
        out += '[';
        for (const json::value& each : *items) {
            out += separator;
            append_json(out, each);
            separator = ",";
        }
        out += ']';
    } else if (const json::object* members = value.if_object(); members != nullptr) {
        out += '{';
        for (const json::key_value_pair& each : *members) {
            out.append(separator).append(json::serialize(json::string(each.key()))).append(":");
            append_json(out, each.value());
            separator = ",";
        }
        out += '}';
    } else {
        out += json::serialize(value);
    }
}

std::string text_of(const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    if (value.is_string()) {
        return std::string(value.get_string());
    }
    std::string text;
    append_json(text, value);
    return text;
}

std::string encode_claim(const json::object& claims, const tokens::claim_path& path) {
    const json::value* const found = tokens::find_claim(claims, path);
    if (found == nullptr) {
        return {};
    }
    if (const json::array* elements = found->if_array()) {
        std::string out;
        for (const json::value& each : *elements) {
            append_entry(out, text_of(each), role_separator);
        }
        return out;
    }
    return encode_text(text_of(*found));
}

} // namespace

std::string certificate_header_value(const identity_header& header, const requests::client_certificate& shown) {
    const jose::certificate_names* const names = shown.names();
    if (names == nullptr) {
        return {};
    }
    switch (header.certificate) {
    case requests::certificate_fact::subject:
        return encode_text(names->subject);
    case requests::certificate_fact::dns:
        return encode_list(names->dns, name_separator);
    case requests::certificate_fact::uri:
        return encode_list(names->uris, name_separator);
    case requests::certificate_fact::sha256:
        return hex_sha256(shown);
    }
    std::unreachable();
}

std::string identity_header_value(const identity_header& header, const identity& who) {
    switch (header.from) {
    case identity_header::source::user:
        return encode_text(who.user);
    case identity_header::source::tenant:
        return encode_text(who.tenant);
    case identity_header::source::roles:
        return encode_list(who.roles, role_separator);
    case identity_header::source::scopes:
        return encode_list(who.scopes, scope_separator);
    case identity_header::source::provider:
        return encode_text(who.provider);
    case identity_header::source::claim:
        return encode_claim(who.claims, header.claim);
    case identity_header::source::certificate:
        return {}; // not the identity's: certificate_header_value
    }
    std::unreachable();
}

} // namespace bearward::policies

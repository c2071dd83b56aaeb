#include "policies/answer.hpp"

namespace bearward::policies {
namespace {

/// Appends `, name="text"` as a quoted-string (RFC 9110 section 5.6.4).
void append_parameter(std::string& out, std::string_view name, std::string_view text) {
    out.append(name).append("=\"");
    for (const char byte : text) {
        if (byte == '"' || byte == '\\') {
            out += '\\';
        }
        const bool control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
        out += control ? ' ' : byte;
    }
    out += '"';
}

} // namespace

std::string make_challenge(const answer& what, std::string_view realm, std::string_view scope) {
    std::string value;
    append_parameter(value, "Bearer realm", realm);
    if (!what.error.empty()) {
        append_parameter(value, ", error", what.error);
    }
    if (!what.error_description.empty()) {
        append_parameter(value, ", error_description", what.error_description);
    }
    if (!scope.empty()) {
        append_parameter(value, ", scope", scope);
    }
    return value;
}

} // namespace bearward::policies

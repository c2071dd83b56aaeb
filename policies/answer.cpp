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

std::string make_challenge(const answer& what, std::string_view realm, const challenge_needs& needs) {
    std::string value;
    append_parameter(value, "Bearer realm", realm);
    if (!what.error.empty()) {
        append_parameter(value, ", error", what.error);
    }
    if (!what.error_description.empty()) {
        append_parameter(value, ", error_description", what.error_description);
    }
    if (!needs.scope.empty()) {
        append_parameter(value, ", scope", needs.scope);
    }
    if (!needs.acr_values.empty()) {
        append_parameter(value, ", acr_values", needs.acr_values);
    }
    if (needs.max_age) {
        append_parameter(value, ", max_age", std::to_string(needs.max_age->count()));
    }
    return value;
}

} // namespace bearward::policies

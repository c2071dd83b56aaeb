#include "policies/ascii.hpp"
#include "policies/requests/escapes.hpp"
#include "policies/text.hpp"
#include "proxy/telemetry/access_log.hpp"

#include <algorithm>
#include <cstddef>

namespace bearward::proxy {
namespace {

constexpr std::string_view mask = "***";

/// Percent- and plus-decoded once; a malformed escape stays as it is.
std::string decode_once(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (const auto escaped = policies::requests::escaped_byte(text, at)) {
            out += static_cast<char>(*escaped);
            at += 2;
        } else {
            out += text[at] == '+' ? ' ' : text[at];
        }
    }
    return out;
}

/// Case-insensitive although credentials are found case-sensitively: a server
/// behind may read names so, and masking too much hides no more than a value.
bool carries_token(std::string_view raw_name, const std::vector<std::string>& names) {
    const auto matches = [&names](std::string_view name) {
        return std::ranges::any_of(names,
                                   [name](const std::string& token_name) { return policies::equal_ignoring_case(name, token_name); });
    };
    if (raw_name.find_first_of("%+") == std::string_view::npos) {
        return matches(raw_name);
    }
    return matches(decode_once(raw_name));
}

/// Appends one `&`-separated parameter. Some servers also separate at `;`, so a
/// name after one counts; a token's value ends only where the parameter ends.
void append_parameter(std::string& out, std::string_view parameter, const std::vector<std::string>& names) {
    std::size_t equals = parameter.find('=');
    for (std::size_t start = 0; start < parameter.size();) {
        equals = equals < start ? parameter.find('=', start) : equals; // each is looked for once, however many `;` there are
        const std::size_t semicolon = parameter.find(';', start);
        if (equals < semicolon && carries_token(parameter.substr(start, equals - start), names)) {
            out.append(parameter, start, equals + 1 - start);
            out += mask;
            return;
        }
        const std::size_t next = std::min(semicolon, parameter.size() - 1) + 1;
        out.append(parameter, start, next - start);
        start = next;
    }
}

} // namespace

void append_masked_target(std::string& out, std::string_view path, std::string_view query, bool has_query,
                          const std::vector<std::string>& names) {
    out += path;
    if (!has_query) {
        return;
    }
    out.reserve(out.size() + 1 + query.size());
    out += '?';
    std::size_t start = 0;
    for (;;) {
        const std::size_t ampersand = query.find('&', start);
        append_parameter(out, query.substr(start, ampersand - start), names);
        if (ampersand == std::string_view::npos) {
            return;
        }
        out += '&';
        start = ampersand + 1;
    }
}

std::string mask_target(std::string_view path, std::string_view query, bool has_query, const std::vector<std::string>& names) {
    std::string out;
    append_masked_target(out, path, query, has_query, names);
    if (policies::holds_token(out)) {
        std::string masked;
        policies::append_masked(masked, out);
        return masked;
    }
    return out;
}

} // namespace bearward::proxy

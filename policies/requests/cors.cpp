#include "policies/requests/cors.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/origin.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bearward::policies::requests {
namespace {

/// Longer than any scheme, host (253 bytes, RFC 1035 section 2.3.4) and port together.
constexpr std::size_t longest_origin = 300;

constexpr std::string_view star_is_a_label = "`*` stands for the first labels of a host alone: write it as https://*.example.com";

/// Whether `*` may stand for the text: labels of a host.
bool is_labels(std::string_view text) noexcept {
    bool label = false;
    for (const char byte : text) {
        if (byte == '.' ? !label : !(is_lower(byte) || is_digit(byte) || byte == '-' || byte == '_')) {
            return false;
        }
        label = byte != '.';
    }
    return label;
}

/// The one field of a name; null: none, or several.
const header* find_single(std::span<const header> fields, std::string_view name) noexcept {
    const header* found = nullptr;
    for (const header& field : fields) {
        if (field.name.size() == name.size() && equal_names(field.name, name)) {
            if (found != nullptr) {
                return nullptr;
            }
            found = &field;
        }
    }
    return found;
}

bool begins_with(std::string_view name, std::string_view start) noexcept {
    return name.size() > start.size() && equal_names(name.substr(0, start.size()), start);
}

} // namespace

std::expected<std::string, std::string> parse_exact_origin(std::string_view text) {
    if (text.contains('*')) {
        return std::unexpected("`*` stands for nothing here; write each origin");
    }
    if (equal_ignoring_case(text, "null")) {
        return std::unexpected("'null' is the origin of sandboxed frames and local files, whoever made them: it can't be accepted");
    }
    if (const std::size_t scheme = text.find("://"); scheme == std::string_view::npos) {
        const std::string meant = "https://" + std::string(text.substr(0, text.find('/')));
        return std::unexpected(parse_origin(meant) ? "an origin has a scheme: write " + meant : "an origin has a scheme, such as https");
    } else if (const std::size_t path = text.find_first_of("/?#", scheme + 3); path != std::string_view::npos) {
        return std::unexpected("an origin has no path, not even a final /: write " + std::string(text.substr(0, path)));
    }
    auto made = parse_origin(text);
    if (made && *made != text) {
        return std::unexpected("browsers write it otherwise; did you mean '" + *made + "'?");
    }
    return made;
}

std::expected<accepted_origin, std::string> parse_accepted_origin(std::string_view text) {
    if (text == "*") {
        return accepted_origin{.what = accepted_origin::kind::any, .text = "*"};
    }
    const std::size_t star = text.find('*');
    if (star == std::string_view::npos) {
        auto exact = parse_exact_origin(text);
        if (!exact) {
            return std::unexpected(std::move(exact).error());
        }
        return accepted_origin{.text = std::move(*exact)};
    }
    const std::string_view before = text.substr(0, star);
    const std::string_view after = text.substr(star + 1);
    const bool labels = after.starts_with('.') && is_labels(lowered(after.substr(1, after.find_first_of(":/?#") - 1)));
    if (!before.ends_with("://") || !labels || after.contains('*')) {
        return std::unexpected(std::string(star_is_a_label));
    }
    const std::string sample = std::string(before) + "x" + std::string(after);
    if (const auto exact = parse_exact_origin(sample); !exact) {
        const auto normal = parse_origin(sample);
        return std::unexpected(normal && *normal != sample ? "browsers write origins in lower case, without a port that is the scheme's own"
                                                           : std::string("an origin has a scheme, a host and maybe a port, and nothing "
                                                                         "after them: write it as https://*.example.com"));
    }
    return accepted_origin{
        .what = accepted_origin::kind::subdomains, .text = std::string(text), .before = std::string(before), .after = std::string(after)};
}

std::string_view find_origin(std::span<const header> fields) noexcept {
    const header* const found = find_single(fields, "Origin");
    return found == nullptr ? std::string_view{} : found->value;
}

std::string_view allowed_origin(const cors_rules& rules, std::span<const header> fields) noexcept {
    const std::string_view origin = find_origin(fields);
    if (origin.empty() || origin.size() > longest_origin) {
        return {};
    }
    for (const accepted_origin& each : rules.origins) {
        switch (each.what) {
        case accepted_origin::kind::any:
            return each.text;
        case accepted_origin::kind::exact:
            if (origin == each.text) {
                return origin;
            }
            break;
        case accepted_origin::kind::subdomains:
            if (origin.size() > each.before.size() + each.after.size() && origin.starts_with(each.before) && origin.ends_with(each.after) &&
                is_labels(origin.substr(each.before.size(), origin.size() - each.before.size() - each.after.size()))) {
                return origin;
            }
            break;
        }
    }
    return {};
}

std::string_view find_preflight_method(const request_view& request) noexcept {
    if (request.method != "OPTIONS" || find_origin(request.headers).empty()) {
        return {};
    }
    const header* const asked = find_single(request.headers, "Access-Control-Request-Method");
    return asked != nullptr && std::ranges::all_of(asked->value, is_tchar) ? asked->value : std::string_view{};
}

bool is_preflight_header(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 14> known{
        "Origin", "Accept", "Accept-Language", "Accept-Encoding", "User-Agent",  "Referer",    "Cache-Control",
        "Pragma", "DNT",    "Sec-GPC",         "Priority",        "traceparent", "tracestate", "Save-Data",
    };
    return std::ranges::any_of(known, [name](std::string_view each) { return equal_names(each, name); }) ||
           begins_with(name, "Access-Control-Request-") || begins_with(name, "Sec-Fetch-") || begins_with(name, "Sec-CH-");
}

bool is_cors_header(std::string_view name) noexcept {
    return begins_with(name, "Access-Control-");
}

} // namespace bearward::policies::requests

// The head of the request that `explain`'s options describe.
#include "policies/ascii.hpp"
#include "policies/date_text.hpp"
#include "proxy/commands/explain.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bearward::proxy::commands {
namespace {

/// What would end a line, and so put a field of its own into the head.
bool breaks_line(std::string_view text) noexcept {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

std::string_view name_of(std::string_view field) noexcept {
    return field.substr(0, field.find(':'));
}

/// Adds `name: value` unless the options give that header themselves.
void add_default(std::string& head, const std::vector<std::string>& given, std::string_view name, std::string_view value) {
    const bool there =
        std::ranges::any_of(given, [name](const std::string& field) { return policies::equal_ignoring_case(name_of(field), name); });
    if (!there) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
}

/// Empty, or which option can't be in a head.
std::string_view fault_of(const explain_options& options, const std::optional<std::string>& token) {
    if (!options.path.starts_with('/') || options.path.find_first_of(" \t") != std::string::npos || breaks_line(options.path)) {
        return "--path does not begin with /, or has white space";
    }
    if (options.method.empty() || options.method.find_first_of(" \t") != std::string::npos || breaks_line(options.method)) {
        return "--method is empty or has white space";
    }
    if (options.host && breaks_line(*options.host)) {
        return "--host has a line break";
    }
    if (token && breaks_line(*token)) {
        return "the token has a line break";
    }
    for (const std::string& field : options.headers) {
        if (breaks_line(field) || name_of(field).empty() || name_of(field).size() == field.size()) {
            return "--header is not 'Name: value' in one line";
        }
    }
    return {};
}

} // namespace

std::optional<policies::time_point> parse_time(std::string_view text) noexcept {
    double seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) {
        constexpr double most = 9007199254740.0; // milliseconds up to 2^53
        if (!(seconds >= 0 && seconds <= most)) {
            return std::nullopt;
        }
        return policies::time_point(std::chrono::milliseconds(std::llround(seconds * 1'000)));
    }
    return policies::parse_rfc3339(text);
}

std::expected<std::string, std::string> make_request_head(const explain_options& options, const std::optional<std::string>& token) {
    if (const std::string_view fault = fault_of(options, token); !fault.empty()) {
        return std::unexpected(std::string(fault));
    }
    std::string head = options.method + ' ' + options.path + " HTTP/1.1\r\n";
    if (options.host) {
        head.append("Host: ").append(*options.host).append("\r\n");
    } else {
        add_default(head, options.headers, "Host", "localhost");
    }
    if (options.websocket) {
        add_default(head, options.headers, "Upgrade", "websocket");
        add_default(head, options.headers, "Connection", "Upgrade");
        add_default(head, options.headers, "Sec-WebSocket-Version", "13");
        add_default(head, options.headers, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="); // RFC 6455 section 1.3's
    }
    if (token) {
        const bool proven =
            std::ranges::any_of(options.headers, [](const auto& field) { return policies::equal_ignoring_case(name_of(field), "DPoP"); });
        head.append("Authorization: ").append(proven ? "DPoP " : "Bearer ").append(*token).append("\r\n");
    }
    for (const std::string& field : options.headers) {
        head.append(field).append("\r\n");
    }
    return head += "\r\n";
}

} // namespace bearward::proxy::commands

// Codecs of what a route matches: its path, hosts and methods; and of origins and cookies.
#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/values.hpp"
#include "policies/ascii.hpp"
#include "policies/requests/cors.hpp"
#include "policies/requests/origin.hpp"
#include "policies/rules/route_table.hpp"

#include <algorithm>
#include <array>

namespace bearward::config {

namespace {

boost::json::value show_text(const std::string& value) {
    return boost::json::value(value);
}

std::string to_upper(std::string_view text) {
    std::string upper(text);
    for (char& letter : upper) {
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    return upper;
}

constexpr bool is_of_method(char byte) noexcept {
    return policies::is_base64url(byte);
}

/// The names in a pattern: "POST, PUT" of `POST|PUT`.
std::string names_in(std::string_view pattern) {
    std::string names;
    for (auto at = pattern.begin(); at != pattern.end();) {
        at = std::find_if(at, pattern.end(), is_of_method);
        const auto end = std::find_if_not(at, pattern.end(), is_of_method);
        names.append(names.empty() || at == end ? "" : ", ").append(at, end);
        at = end;
    }
    return to_upper(names);
}

/// Other characters may stand in a method (RFC 9110 section 5.6.2), but no method has
/// them: who writes one means a pattern, and as a literal it would protect nothing.
std::string explain_pattern(std::string_view written) {
    std::string strange;
    for (const char each : written) {
        if (!is_of_method(each) && !strange.contains(each)) {
            strange.push_back(each);
        }
    }
    const bool alternatives = strange.find_first_of("|,") != std::string::npos && strange.find_first_not_of("^$()|, ") == std::string::npos;
    return quote(strange) + " can't stand in a method, which has upper-case letters, digits, - and _ alone; no pattern counts here: " +
           (alternatives ? "write [" + names_in(written) + "]" : "list each method by its name, such as [GET, POST]");
}

std::expected<std::string, std::string> parse_method(std::string_view written) {
    if (written.empty()) {
        return std::unexpected("not a method");
    }
    if (!std::ranges::all_of(written, is_of_method)) {
        return std::unexpected(explain_pattern(written));
    }
    if (const std::string upper = to_upper(written); upper != written) { // apps uppercase what they get
        return std::unexpected(
            "methods are in upper case, and a request with a lower-case letter in its method is refused; did you mean '" + upper + "'?");
    }
    return std::string(written);
}

std::expected<std::string, std::string> parse_route_method(std::string_view written) {
    constexpr std::array<std::string_view, 3> any{"*", "ANY", "ALL"};
    if (std::ranges::find(any, to_upper(written)) != any.end()) {
        return std::unexpected("for any method leave `methods` out");
    }
    return parse_method(written);
}

} // namespace

codec<std::string> method() {
    return parsed<std::string>("a method such as GET", parse_method, show_text);
}

codec<std::string> route_method() {
    return parsed<std::string>("a method such as GET", parse_route_method, show_text);
}

codec<policies::requests::ambiguous_paths> allow_or_reject() {
    using policies::requests::ambiguous_paths;
    return word<ambiguous_paths>({{"reject", ambiguous_paths::reject}, {"allow", ambiguous_paths::allow}});
}

codec<std::string> host_pattern() {
    return parsed<std::string>("a host such as api.example.com or *.example.com", parse_host_pattern, show_text);
}

codec<std::string> origin() {
    return parsed<std::string>("an origin such as https://app.example.com, or \"null\"", policies::requests::parse_origin, show_text);
}

codec<std::string> cookie_origin() {
    return parsed<std::string>("an origin such as https://app.example.com", policies::requests::parse_exact_origin, show_text);
}

codec<std::string> cookie_name() {
    return parsed<std::string>(
        "the name of a cookie",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            if (!is_token(written)) {
                return std::unexpected("not a cookie's name");
            }
            return std::string(written);
        },
        show_text);
}

codec<route_path_settings> route_path() {
    const codec<std::string> raw = text("a path such as /tenants/{tenant_id}");
    codec<route_path_settings> made;
    made.form = raw.form;
    made.read = [raw](reading& state, const cursor& at, route_path_settings& out) {
        out.at = state.place_of(at);
        if (!raw.read(state, at, out.text)) {
            out.text.clear();
            return false;
        }
        const auto fault_of = [&](bool literal) {
            const auto segments = policies::rules::parse_pattern(out.text, literal);
            return segments ? std::string() : segments.error() + "; expected " + raw.form.expected + describe(at.value);
        };
        out.fault = fault_of(false);
        out.fault_if_literal = fault_of(true);
        return true;
    };
    made.show = [](const route_path_settings& path) -> boost::json::value { return boost::json::value(path.text); };
    return made;
}

} // namespace bearward::config

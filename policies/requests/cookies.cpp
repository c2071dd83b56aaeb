#include "policies/requests/cookies.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/client_scheme.hpp"

#include <algorithm>
#include <array>

namespace bearward::policies::requests {
namespace {

bool is_cookie_field(std::string_view name) noexcept {
    return equal_names(name, "Cookie");
}

/// Takes the next pair, with the blanks that may stand before it.
std::string_view take_pair(std::string_view& rest) noexcept {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return pair;
}

struct cookie_pair {
    std::string_view name;
    std::string_view value;
};

/// Nothing: no `=`, so that it has no name.
std::optional<cookie_pair> read_pair(std::string_view pair) noexcept {
    pair = trim(pair);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    return cookie_pair{pair.substr(0, equals), pair.substr(equals + 1)};
}

/// Whether `origin` is `scheme://authority`, as a browser writes it: without the scheme's own port.
bool is_own_origin(std::string_view origin, std::string_view scheme, std::string_view authority) noexcept {
    const std::string_view own_port = scheme == "https" ? ":443" : ":80";
    if (authority.ends_with(own_port)) {
        authority.remove_suffix(own_port.size());
    }
    constexpr std::string_view separator = "://";
    return !authority.empty() && origin.size() == scheme.size() + separator.size() + authority.size() && origin.starts_with(scheme) &&
           origin.substr(scheme.size()).starts_with(separator) && origin.ends_with(authority);
}

/// Whether the browser says that the request comes from no other site.
bool says_own_site(std::span<const header> fields) noexcept {
    const header* said = nullptr;
    for (const header& field : fields) {
        if (equal_names(field.name, "Sec-Fetch-Site")) {
            if (said != nullptr) {
                return false;
            }
            said = &field;
        }
    }
    return said != nullptr && (said->value == "same-origin" || said->value == "none");
}

} // namespace

found_cookie find_cookie(std::span<const header> fields, std::string_view name) noexcept {
    found_cookie found;
    for (const header& field : fields) {
        if (!is_cookie_field(field.name)) {
            continue;
        }
        for (std::string_view rest = field.value; !rest.empty();) {
            const auto pair = read_pair(take_pair(rest));
            if (pair && pair->name == name && found.count++ == 0) {
                found.value = pair->value;
            }
        }
    }
    return found;
}

std::optional<std::string> remove_cookies(std::string_view value, const std::function<bool(std::string_view)>& goes) {
    std::string kept;
    bool removed = false;
    bool first = true; // of those that stay
    std::size_t place = 0;
    for (std::string_view rest = value; !rest.empty(); ++place) {
        const bool ends_open = rest.find(';') == rest.size() - 1; // `a=b;`: an empty pair follows
        std::string_view pair = take_pair(rest);
        if (const auto read = read_pair(pair); read && goes(read->name)) {
            removed = true;
            continue;
        }
        if (first && place != 0 && pair.starts_with(' ')) {
            pair.remove_prefix(1); // it went with the `;` before it
        }
        kept.append(first ? "" : ";").append(pair).append(ends_open ? ";" : "");
        first = false;
    }
    if (!removed) {
        return std::nullopt;
    }
    return kept.find_first_not_of(" \t;") == std::string::npos ? std::string() : kept;
}

bool may_use_cookie(const request_view& request, std::span<const std::string> others) {
    static constexpr std::array<std::string_view, 3> harmless{"GET", "HEAD", "OPTIONS"};
    if (!request.websocket && std::ranges::find(harmless, request.method) != harmless.end()) {
        return true;
    }
    const header* origin = nullptr;
    for (const header& field : request.headers) {
        if (equal_names(field.name, "Origin")) {
            if (origin != nullptr) {
                return false;
            }
            origin = &field;
        }
    }
    if (origin == nullptr) {
        return says_own_site(request.headers);
    }
    return is_own_origin(origin->value, client_scheme(request), request.authority) ||
           std::ranges::find(others, origin->value) != others.end();
}

} // namespace bearward::policies::requests

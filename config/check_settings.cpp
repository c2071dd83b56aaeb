#include "config/compile.hpp"
#include "config/encoding.hpp"

#include "policies/requests/request_view.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace bearward::config {

namespace {

using policies::requests::equal_folded_names;

void check_listeners(reading& state, const settings& from) {
    std::map<std::string, const listener_settings*> names;
    std::map<std::string, const listener_settings*> addresses;
    for (const listener_settings& each : from.listen) {
        const std::string& name = each.name.empty() ? each.address.text : each.name;
        const bool free_port = each.address.port == 0 && each.address.unix_path.empty();
        if (!name.empty()) {
            if (const auto [first, fresh] = names.emplace(name, &each); !fresh && !(free_port && each.name.empty())) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has the name " + quote(name) + " too");
                continue;
            }
        }
        if (!free_port) {
            if (const auto [first, fresh] = addresses.emplace(each.address.text, &each); !fresh && !each.address.text.empty()) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has this address too");
            }
        }
    }
}

/// Names that identity headers may not have (contract 2), and those that Bearward
/// sets itself or that belong to one connection (RFC 9110 section 7.6.1).
constexpr std::array<std::string_view, 17> reserved_headers{"Host",
                                                            "Content-Length",
                                                            "Transfer-Encoding",
                                                            "Connection",
                                                            "Upgrade",
                                                            "Authorization",
                                                            "Keep-Alive",
                                                            "TE",
                                                            "Trailer",
                                                            "Proxy-Connection",
                                                            "Expect",
                                                            "X-Request-Id",
                                                            "Forwarded",
                                                            "X-Real-Ip",
                                                            "X-Forwarded-For",
                                                            "X-Forwarded-Proto",
                                                            "X-Forwarded-Host"};

/// Equal for names that are the same header to the app.
std::string fold(std::string_view name) {
    std::string folded;
    for (const char letter : name) {
        folded += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter == '_' ? '-' : letter;
    }
    return folded;
}

void check_identity_headers(reading& state, const settings& from) {
    std::map<std::string, const identity_header_settings*> seen;
    std::map<std::string, const provider_settings*> token_headers;
    for (const provider_settings& each : from.providers) {
        if (each.header.value != "Authorization") {
            token_headers.emplace(fold(each.header.value), &each);
        }
    }
    for (const identity_header_settings& each : from.identity_headers) {
        const bool websocket = each.name.size() >= 14 && equal_folded_names(std::string_view(each.name).substr(0, 14), "Sec-WebSocket-");
        if (websocket ||
            std::ranges::any_of(reserved_headers, [&](std::string_view name) { return equal_folded_names(name, each.name); })) {
            state.error(each.at, "can't be an identity header; `_` counts as `-`");
        }
        if (const auto [first, fresh] = seen.emplace(fold(each.name), &each); !fresh) {
            state.error(each.at, "is the same header as " + quote(first->second->name) + " at " + to_string(first->second->at.where) +
                                     "; `_` counts as `-`");
        }
        if (const auto found = token_headers.find(fold(each.name)); found != token_headers.end()) {
            state.error(each.at, "is the header in which provider " + quote(found->second->name) + " expects its token");
        }
    }
}

void check_provider_headers(reading& state, const settings& from) {
    for (const provider_settings& each : from.providers) {
        const bool reserved = std::ranges::any_of(reserved_headers, [&](std::string_view name) {
            return name != "Authorization" && equal_folded_names(name, each.header.value);
        });
        if (reserved) {
            state.error(each.header.at, quote(each.header.value) + " can't carry a token");
        }
    }
}

} // namespace

void check_settings(reading& state, const settings& from) {
    check_listeners(state, from);
    check_identity_headers(state, from);
    check_provider_headers(state, from);
}

} // namespace bearward::config

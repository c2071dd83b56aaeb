// What a peer's configuration means in our terms, before it is written. Every reader makes
// this, and one writer reads it. Plain data.
#pragma once

#include "proxy/commands/import/requirement.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

/// What could not be translated, or means something else here.
struct note {
    int line = 0; ///< of the peer's file; 0: of no line
    std::string what;
    bool opens = false; ///< without a person's eye something would get through that the peer refuses

    friend bool operator==(const note&, const note&) = default;
};

/// Who may come in. `closed` is what nobody passes: it stands where a rule could not be translated.
struct access {
    enum class kind : std::uint8_t { open, optional, token, closed };
    kind who = kind::closed;
    std::vector<std::string> providers; ///< of token and optional
    std::vector<requirement> needs;     ///< of token: all of them

    friend bool operator==(const access&, const access&) = default;
};

/// What becomes of a request.
struct action {
    access who;
    std::string upstream; ///< empty: the peer forwards nothing there
    bool strip_prefix = false;
    bool forward_token = false;
    bool preflights_pass = false;        ///< `cors: pass`
    std::vector<std::string> token_from; ///< beside the header: query, cookie
    std::string response_timeout;
    std::string max_body;
    std::string rate; ///< per address: "10/s"
    unsigned burst = 0;
    std::map<std::string, std::string> headers; ///< set on what is forwarded

    friend bool operator==(const action&, const action&) = default;
};

struct listener {
    std::string name;
    std::string address;
    struct pair {
        std::string certificate, private_key;
    };
    std::vector<pair> certificates;
    std::string client_ca;
    bool client_certificate_optional = false;
};

struct upstream {
    std::string name;
    std::vector<std::string> servers;
    bool least_connections = false;
    bool forward_host = true;
    bool tls = false;
    std::string ca, server_name;
    std::string connect_timeout, response_timeout, health_path;
};

struct provider {
    std::string name;
    std::vector<std::string> issuers;
    std::vector<std::string> audiences;
    std::vector<std::string> algorithms{"RS256", "ES256"};
    enum class keys : std::uint8_t { discovery_url, jwks_url, jwks_file, jwks };
    keys key_kind = keys::discovery_url;
    std::string key_source;
    std::string header, query_parameter, cookie;
    std::string clock_skew, refresh, fetch_timeout, max_lifetime;
    std::string user_claim, role_claim;
    std::vector<std::pair<std::string, requirement>> required_claims; ///< path, and what it must be
    std::vector<std::string> allow_warnings;
    std::vector<std::string> comments;
};

/// A path, or all that lies under it, and what becomes of requests there.
struct route {
    std::string path; ///< as ours: "/", "/admin"
    bool exact = false;
    std::vector<std::string> hosts, listeners, methods;
    action does;
    std::vector<std::string> comments;
    std::vector<std::string> allow_warnings;
};

struct imported {
    std::string peer; ///< as in a sentence: oauth2-proxy, Envoy, nginx
    std::vector<listener> listeners;
    std::vector<upstream> upstreams;
    std::vector<provider> providers;
    std::vector<route> routes;
    std::vector<std::string> trusted_proxies;
    std::vector<std::pair<std::string, std::string>> identity_headers; ///< empty: the defaults
    std::vector<std::string> placeholders;                             ///< YOUR-API: what a person has to fill in
    std::vector<std::string> advice;                                   ///< lines for the head of the file
    std::vector<note> notes;
    bool failed = false; ///< the peer's file could not be read: nothing is written

    void say(int line, std::string what) { notes.push_back({line, std::move(what), false}); }
    void warn(int line, std::string what) { notes.push_back({line, std::move(what), true}); }
};

template <class List, class Value>
[[nodiscard]] bool is_in(const List& list, const Value& value) {
    return std::ranges::find(list, value) != std::ranges::end(list);
}

/// What stands for an issuer or an audience that the peer's file doesn't tell.
inline constexpr const char* unknown_issuer = "https://YOUR-ISSUER.example.com/";
inline constexpr const char* unknown_audience = "YOUR-API";
/// A host that no resolver finds.
inline constexpr const char* unknown_server = "your-server.invalid:80";
/// The provider that accepts nothing.
inline constexpr const char* closed_provider = "closed";

} // namespace bearward::proxy::commands::importing

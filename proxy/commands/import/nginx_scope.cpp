#include "proxy/commands/import/nginx_scope.hpp"

#include "proxy/commands/import/peer_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bearward::proxy::commands::importing {
namespace {

/// Files that Debian's and nginx's own packages bring, without rules.
constexpr std::array<std::string_view, 6> known_includes{"mime.types",   "proxy_params", "fastcgi_params",
                                                         "fastcgi.conf", "uwsgi_params", "scgi_params"};
constexpr std::array<std::string_view, 5> known_folders{"", "/etc/nginx/", "conf/", "/usr/local/nginx/conf/", "/usr/local/etc/nginx/"};
/// Blocks and directives that the callers read.
constexpr std::array<std::string_view, 9> structure{"location",
                                                    "listen",
                                                    "server_name",
                                                    "ssl_certificate",
                                                    "ssl_certificate_key",
                                                    "server",
                                                    "ssl_verify_client",
                                                    "ssl_client_certificate",
                                                    "ssl_trusted_certificate"};

std::string source_of_auth_header(const std::string& variable) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> known{
        {{"$upstream_http_x_auth_request_user", "user"},
         {"$upstream_http_x_auth_request_email", "claims.email"},
         {"$upstream_http_x_auth_request_groups", "roles"},
         {"$upstream_http_x_auth_request_preferred_username", "claims.preferred_username"},
         {"$upstream_http_x_user_id", "user"}}};
    const auto* const found = std::ranges::find(known, std::string_view(variable), [](const auto& each) { return each.first; });
    return found == known.end() ? "" : std::string(found->second);
}

} // namespace

std::vector<const nginx_directive*> directives_of(const std::vector<nginx_directive>& block) {
    std::vector<const nginx_directive*> all;
    all.reserve(block.size());
    for (const nginx_directive& each : block) {
        all.push_back(&each);
    }
    return all;
}

void nginx_reader::close(const nginx_directive& of, nginx_scope& into, const std::string& why) {
    out_.warn(of.line, of.name + ": " + why + "; what it is for is closed");
    into.closed = true;
}

void nginx_reader::list_harmless() {
    if (harmless_.empty()) {
        return;
    }
    std::string names;
    for (const std::string& each : harmless_) {
        names += (names.empty() ? "" : ", ") + each;
    }
    out_.say(0, "not translated, and deciding nothing about who comes in: " + names);
}

nginx_scope nginx_reader::read(const nginx_scope& around, const std::vector<const nginx_directive*>& block) {
    nginx_scope made = around;
    made.proxy_pass.clear();
    made.fallback.clear();
    made.internal = made.answers = false;
    made.limited_methods.reset();
    const auto has = [&](std::string_view name) {
        return std::ranges::any_of(block, [&](const nginx_directive* each) { return each->name == name; });
    };
    // A list is inherited where the block has none of its own.
    if (has("proxy_set_header")) {
        made.headers.clear();
    }
    if (has("allow") || has("deny")) {
        made.by_address = false;
    }
    if (has("auth_jwt_require")) {
        made.token_needs.clear();
    }
    if (has("limit_req")) {
        made.rate.clear();
    }
    for (const nginx_directive* each : block) { // what it says counts for the rules before it too
        made.satisfy_any = each->name == "satisfy" ? each->word(0) == "any" : made.satisfy_any;
    }
    for (const nginx_directive* each : block) {
        if (is_in(structure, std::string_view(each->name)) || read_token_rules(*each, made) || read_other_rules(*each, made) ||
            read_forwarding(*each, made)) {
            continue;
        }
        if (is_harmless_nginx(each->name)) {
            harmless_.insert(each->name);
        } else if (each->name == "include") {
            const std::size_t name = each->word(0).rfind('/') + 1;
            const std::string folder = each->word(0).substr(0, name);
            const std::string file = each->word(0).substr(name);
            if (is_in(known_folders, std::string_view(folder)) && is_in(known_includes, std::string_view(file))) {
                harmless_.insert("include " + file);
            } else {
                close(*each, made,
                      "included files are not read: put what stands in " + each->word(0) + " at its place, or remove the line");
            }
        } else {
            close(*each, made, "not known to this import: it may refuse requests");
        }
    }
    return made;
}

bool nginx_reader::read_token_rules(const nginx_directive& of, nginx_scope& into) {
    if (of.name == "auth_jwt") {
        into.auth_jwt = of.word(0) == "off" ? "" : "on";
        into.token.clear();
        const std::string token = of.word(1);
        if (token.starts_with("token=$")) {
            into.token = token.substr(7);
            const bool known = into.token.starts_with("cookie_") || into.token.starts_with("arg_") || into.token.starts_with("http_");
            if (!known) {
                close(of, into, "a token in a variable that is no header, cookie or argument");
            }
        }
    } else if (of.name == "auth_jwt_key_file") {
        into.key_file = of.word(0);
        into.key_request.clear();
    } else if (of.name == "auth_jwt_key_request") {
        into.key_request = of.word(0);
        into.key_file.clear();
    } else if (of.name == "auth_jwt_leeway") {
        into.leeway = of.word(0);
    } else if (of.name == "auth_jwt_require") {
        read_require(of, into);
    } else if (of.name == "auth_jwt_type") {
        if (of.word(0) != "signed") {
            close(of, into, "encrypted tokens are not taken here");
        }
    } else if (of.name == "auth_request") {
        into.auth_request = of.word(0) == "off" ? "" : of.word(0);
    } else if (of.name == "auth_request_set") {
        into.variables[of.word(0)] = source_of_auth_header(of.word(1));
    } else {
        return false;
    }
    return true;
}

void nginx_reader::read_require(const nginx_directive& of, nginx_scope& into) {
    for (const std::string& word : of.words) {
        if (word.starts_with("error=")) {
            continue;
        }
        const std::string name = word.starts_with('$') ? word.substr(1) : "";
        if (const std::string claim = claim_of_variable(name, http_); !claim.empty()) {
            into.token_needs.push_back(claim_present(claim));
            into.token_needs.push_back(none_of(claim_is(claim, {"0"})));
            continue;
        }
        const auto map = http_.maps.find(name);
        const std::string claim = map != http_.maps.end() ? claim_of_variable(map->second.source, http_) : "";
        if (claim.empty() || !map->second.understood || map->second.good.empty()) {
            close(of, into, "a variable that is neither a claim nor a map of one");
        } else {
            into.token_needs.push_back(claim_is(claim, map->second.good));
        }
    }
}

void nginx_reader::read_limit_except(const nginx_directive& of, nginx_scope& into) {
    const bool refuses = of.block.size() == 1 && of.block.front().name == "deny" && of.block.front().word(0) == "all";
    if (!refuses) {
        return close(of, into, "only `deny all` in it is translated");
    }
    into.limited_methods.emplace();
    for (const std::string& each : of.words) { // in any case
        std::string method(each);
        std::ranges::transform(method, method.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        into.limited_methods->insert(method);
    }
    if (into.limited_methods->contains("GET")) {
        into.limited_methods->insert("HEAD");
    }
}

bool nginx_reader::read_other_rules(const nginx_directive& of, nginx_scope& into) {
    if (of.name == "satisfy") {
        return true;
    }
    if (of.name == "allow" || of.name == "deny") {
        if (of.name == "deny" && !into.by_address) {
            into.by_address = true;
            into.address_noted = !into.satisfy_any;
            if (!into.satisfy_any) {
                out_.warn(of.line, "deny: addresses are not looked at here; what it is for is closed");
            }
        }
    } else if (of.name == "auth_basic") {
        into.auth_basic = of.word(0) != "off";
        if (into.auth_basic && into.satisfy_any) {
            out_.say(of.line, "auth_basic: passwords are not verified here: a token is needed");
        } else if (into.auth_basic) {
            out_.warn(of.line, "auth_basic: passwords are not verified here; what it is for is closed");
        }
    } else if (of.name == "limit_except") {
        read_limit_except(of, into);
    } else if (of.name == "internal") {
        into.internal = true;
    } else if (of.name == "return") {
        into.answers = true;
        out_.say(of.line, "return: Bearward does not answer by itself: refused");
    } else if (of.name == "limit_req") {
        std::string zone;
        unsigned burst = 0;
        for (const std::string& word : of.words) {
            zone = word.starts_with("zone=") ? word.substr(5) : zone;
            if (word.starts_with("burst=")) {
                std::from_chars(word.data() + 6, word.data() + word.size(), burst);
            }
        }
        if (const auto found = http_.zones.find(zone); found != http_.zones.end()) {
            into.rate = found->second;
            into.burst = std::min(burst, 100'000U) + 1;
        } else {
            out_.say(of.line, "limit_req: its zone is not translated");
        }
    } else if (of.name == "limit_conn") {
        out_.say(of.line, "limit_conn: see limits.max_connections_per_address");
    } else if (of.name == "client_max_body_size") {
        const std::string size = nginx_size(of.word(0));
        into.max_body = size == "0" ? "" : size.empty() ? "1MiB" : size;
    } else {
        return false;
    }
    return true;
}

bool nginx_reader::read_forwarding(const nginx_directive& of, nginx_scope& into) {
    if (of.name == "proxy_pass") {
        into.proxy_pass = of.word(0);
    } else if (of.name == "proxy_set_header") {
        into.headers.emplace_back(of.word(0), of.word(1));
    } else if (of.name == "proxy_read_timeout") {
        into.read_timeout = to_duration(of.word(0)).value_or("1m");
    } else if (of.name == "try_files") {
        if (!of.words.empty() && of.words.back().starts_with('@')) {
            into.fallback = of.words.back();
            out_.say(of.line, "try_files: files are not served here: all goes to " + into.fallback);
        } else {
            into.answers = true;
            out_.say(of.line, "try_files: files are not served here: refused");
        }
    } else if (of.name == "root" || of.name == "alias" || of.name.ends_with("_pass")) {
        out_.say(of.line, of.name + ": Bearward forwards over HTTP alone: refused where nothing else is");
    } else {
        return false;
    }
    return true;
}

} // namespace bearward::proxy::commands::importing

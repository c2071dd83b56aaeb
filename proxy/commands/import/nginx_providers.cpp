#include "proxy/commands/import/nginx_server.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include "config/url.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

void need(imported& out, const char* what) {
    if (!is_in(out.placeholders, std::string(what))) {
        out.placeholders.emplace_back(what);
    }
}

} // namespace

std::string nginx_providers::for_tokens(const nginx_scope& at, const std::string& key_url) {
    const std::string key = at.key_file + '\n' + key_url + '\n' + at.token + '\n' + at.leeway;
    if (const auto known = names_.find(key); known != names_.end()) {
        return known->second;
    }
    provider made{.name = "jwt-" + std::to_string(names_.size() + 1), .issuers = {}, .audiences = {}};
    made.comments.emplace_back(
        "nginx verifies neither issuer nor audience by itself: any token that these keys signed passes. Write yours.");
    made.comments.emplace_back("Write the algorithms that its keys are for.");
    made.allow_warnings.emplace_back("no-audience");
    made.clock_skew = at.leeway.empty() ? "0" : to_duration(at.leeway).value_or("0");
    const auto url = config::parse_url(key_url);
    if (!at.key_file.empty()) {
        made.key_kind = provider::keys::jwks_file;
        made.key_source = at.key_file;
    } else if (url && !config::is_insecure(*url)) {
        made.key_kind = provider::keys::jwks_url;
        made.key_source = key_url;
    } else {
        find_keys_by_discovery(made, "", out_, at.line);
    }
    if (at.token.starts_with("cookie_")) {
        made.cookie = at.token.substr(7);
    } else if (at.token.starts_with("arg_")) {
        made.query_parameter = at.token.substr(4);
    } else if (at.token.starts_with("http_") && at.token != "http_authorization") {
        made.header = at.token.substr(5);
        std::ranges::replace(made.header, '_', '-');
    }
    names_[key] = made.name;
    out_.providers.push_back(made);
    return made.name;
}

std::string nginx_providers::for_auth_request(const std::string& uri, int line) {
    const std::string key = "auth_request " + uri;
    if (const auto known = names_.find(key); known != names_.end()) {
        return known->second;
    }
    provider made{.name = "main", .issuers = {}, .audiences = {unknown_audience}};
    if (std::ranges::find(out_.providers, made.name, &provider::name) != out_.providers.end()) {
        made.name = "main-" + std::to_string(names_.size() + 1);
    }
    find_keys_by_discovery(made, "", out_, line);
    need(out_, unknown_audience);
    made.comments.push_back("Stands for what auth_request asks at " + uri +
                            ". What that looks at besides the token (groups, emails) is not in nginx's file: write it as `require`.");
    out_.say(line, "auth_request: who answers at " + uri + " may ask for more than a token: write that as `require` on the routes");
    names_[key] = made.name;
    out_.providers.push_back(made);
    return made.name;
}

} // namespace bearward::proxy::commands::importing

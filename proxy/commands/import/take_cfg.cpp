#include "policies/ascii.hpp"
#include "proxy/commands/import/oauth2_proxy_options.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace bearward::proxy::commands::importing {
namespace {

using std::string_view;

/// Options of the login, of its sessions and pages: there is none here. All that begin so.
constexpr std::array<string_view, 37> login_options{"cookie_",
                                                    "session_",
                                                    "redis_",
                                                    "http_store_",
                                                    "client_secret",
                                                    "redirect_url",
                                                    "relative_redirect_url",
                                                    "login_url",
                                                    "redeem_url",
                                                    "profile_url",
                                                    "validate_url",
                                                    "scope",
                                                    "prompt",
                                                    "approval_prompt",
                                                    "acr_values",
                                                    "code_challenge",
                                                    "force_code_",
                                                    "skip_provider_",
                                                    "provider_display",
                                                    "provider_ca_",
                                                    "use_system_trust",
                                                    "custom_templates",
                                                    "custom_sign_in",
                                                    "banner",
                                                    "footer",
                                                    "display_htpasswd",
                                                    "htpasswd_",
                                                    "whitelist_domains",
                                                    "backend_logout",
                                                    "sign_out_",
                                                    "encode_state",
                                                    "insecure_oidc_skip_nonce",
                                                    "force_json_errors",
                                                    "api_routes",
                                                    "proxy_prefix",
                                                    "resource",
                                                    "login_url_parameters"};
/// Of logs, probes and the like.
constexpr std::array<string_view, 16> operation_options{
    "logging_", "standard_logging", "request_logging", "auth_logging", "silence_ping", "exclude_logging", "ping_",       "ready_",
    "metrics_", "gcp_healthchecks", "show_debug",      "force_https",  "errors_to_",   "request_id_",     "server_tls_", "tls_"};
/// Of headers that Bearward neither makes for the app nor for another proxy.
constexpr std::array<string_view, 10> header_options{
    "set_xauthrequest",  "set_authorization_header", "set_basic_auth",          "pass_basic_auth", "basic_auth_password",
    "pass_access_token", "prefer_email_to_user",     "skip_auth_strip_headers", "flush_interval",  "real_client_ip_header"};
/// Who may log in, in the terms of one kind of provider.
constexpr std::array<string_view, 10> membership_options{"google_",       "github_", "gitlab_", "bitbucket_", "keycloak_",
                                                         "allowed_roles", "azure_",  "jwt_key", "pubjwk_url", "entra_id_"};

template <class Names>
bool begins_with_one(const Names& names, string_view key) {
    return std::ranges::any_of(names, [&](string_view each) { return key.starts_with(each); });
}

class taker {
public:
    taker(oauth2_proxy_options& into, imported& out) : into_(into), out_(out) {}

    void take(const cfg_entry& entry) {
        if (take_identity(entry) || take_rules(entry) || take_serving(entry)) {
            return;
        }
        const string_view key = entry.key;
        if (begins_with_one(login_options, key)) {
            out_.say(entry.line, entry.key + ": the login, its sessions and pages are not here");
        } else if (begins_with_one(operation_options, key)) {
            out_.say(entry.line, entry.key + ": see log, admin and listen in Bearward's reference");
        } else if (begins_with_one(header_options, key)) {
            out_.say(entry.line, entry.key + ": not here; the app gets the headers of identity_headers");
        } else if (begins_with_one(membership_options, key)) {
            close(entry,
                  "who may come in by membership that only the provider's own API tells: require a role or a claim of the token instead");
        } else {
            close(entry, "not known to this import: it may be a restriction");
        }
    }

private:
    void close(const cfg_entry& entry, const std::string& why) {
        out_.warn(entry.line, entry.key + ": " + why + "; everything that needs a login is closed");
        into_.closed = true;
    }
    static std::string one(const cfg_entry& entry) { return entry.values.empty() ? "" : entry.values.front(); }
    static bool yes(const cfg_entry& entry) { return one(entry) == "true"; }
    /// Lists may be written as one text with commas.
    static std::vector<std::string> many(const cfg_entry& entry) {
        if (entry.list || entry.values.empty()) {
            return entry.values;
        }
        std::vector<std::string> parts(1);
        for (const char c : entry.values.front()) {
            c == ',' ? static_cast<void>(parts.emplace_back()) : parts.back().push_back(c);
        }
        std::erase(parts, "");
        return parts;
    }

    bool take_identity(const cfg_entry& entry) {
        const std::string& key = entry.key;
        if (key == "provider") {
            into_.provider = one(entry);
            into_.provider_line = entry.line;
        } else if (key == "oidc_issuer_url") {
            into_.issuer = one(entry);
            into_.provider_line = entry.line;
        } else if (key == "oidc_jwks_url") {
            into_.jwks_url = one(entry);
        } else if (key == "skip_oidc_discovery" || key == "oidc_public_key_files") {
            out_.say(entry.line, key + ": keys come from the issuer's discovery document or from oidc_jwks_url");
        } else if (key == "client_id") {
            into_.client_id = one(entry);
        } else if (key == "oidc_extra_audiences") {
            into_.extra_audiences = many(entry);
        } else if (key == "oidc_audience_claims") {
            into_.audience_claims = many(entry);
        } else if (key == "oidc_email_claim") {
            into_.email_claim = one(entry);
        } else if (key == "user_id_claim") { // which counts where the other one is the default
            user_id_claim_ = one(entry);
        } else if (key == "oidc_groups_claim") {
            into_.groups_claim = one(entry);
        } else if (key == "insecure_oidc_allow_unverified_email") {
            into_.unverified_emails = yes(entry);
        } else if (key == "insecure_oidc_skip_issuer_verification") {
            out_.say(entry.line, key + ": the issuer is verified here");
        } else {
            return false;
        }
        return true;
    }

    bool take_rules(const cfg_entry& entry) {
        const std::string& key = entry.key;
        if (key == "email_domains" || key == "email_domain") {
            into_.email_domains = many(entry);
            into_.domains_line = entry.line;
        } else if (key == "authenticated_emails_file") {
            into_.emails_file = !one(entry).empty();
            into_.domains_line = entry.line;
        } else if (key == "allowed_groups" || key == "allowed_group") {
            into_.allowed_groups = many(entry);
        } else if (key == "skip_auth_routes" || key == "skip_auth_regex") {
            for (const std::string& each : many(entry)) {
                take_skip(each, entry.line, key == "skip_auth_regex");
            }
        } else if (key == "skip_auth_preflight") {
            into_.preflights_pass = yes(entry);
        } else if (key == "skip_jwt_bearer_tokens") {
            into_.bearer_tokens = yes(entry);
        } else if (key == "bearer_token_login_fallback") {
            out_.say(entry.line, key + ": a request with a bad token is refused here, whatever else it has");
        } else if (key == "extra_jwt_issuers") {
            into_.extra_issuers = many(entry);
            into_.extra_issuers_line = entry.line;
        } else if (key == "trusted_ips" || key == "trusted_ip") {
            out_.say(entry.line, key + ": no address is let in without a token here: their clients need one now");
        } else {
            return false;
        }
        return true;
    }

    void take_skip(const std::string& text, int line, bool any_method) {
        const std::size_t equals = text.find('=');
        const std::string method = text.substr(0, equals);
        if (any_method || equals == std::string::npos) {
            into_.skip_auth.push_back({line, "", text});
        } else if (!method.empty() &&
                   std::ranges::all_of(method, [](char c) { return policies::is_alphanumeric(c) && !policies::is_digit(c); })) {
            std::string upper(method);
            std::ranges::transform(upper, upper.begin(),
                                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
            into_.skip_auth.push_back({line, upper, text.substr(equals + 1)});
        } else {
            out_.say(line, "skip_auth_routes: not opened, since it is not METHOD=expression: " + text);
        }
    }

    bool take_serving(const cfg_entry& entry) {
        const std::string& key = entry.key;
        if (key == "upstreams" || key == "upstream") {
            for (const std::string& each : many(entry)) {
                take_upstream(each, entry.line);
            }
        } else if (key == "upstream_timeout") {
            timeout_ = one(entry);
        } else if (key == "pass_host_header") {
            pass_host_ = yes(entry);
        } else if (key == "pass_user_headers") {
            user_headers_ = yes(entry);
        } else if (key == "proxy_websockets") {
            if (!yes(entry)) {
                out_.say(entry.line, key + ": write `websocket: off` on the routes that should refuse them");
            }
        } else if (key == "ssl_insecure_skip_verify" || key == "ssl_upstream_insecure_skip_verify") {
            out_.say(entry.line, key + ": certificates are verified here");
        } else if (key == "pass_authorization_header") {
            into_.forward_token = yes(entry);
        } else if (key == "http_address") {
            into_.http_address = one(entry);
            into_.address_line = entry.line;
        } else if (key == "https_address") {
            into_.https_address = one(entry);
            into_.address_line = entry.line;
        } else if (key == "tls_cert_file") {
            into_.certificate = one(entry);
        } else if (key == "tls_key_file") {
            into_.private_key = one(entry);
        } else if (key == "reverse_proxy") {
            if (yes(entry)) {
                out_.say(entry.line,
                         key + ": X-Forwarded-* is believed here only from trusted_proxies: write your balancer's addresses there");
            }
        } else if (key == "trusted_proxy_ips" || key == "trusted_proxy_ip") {
            into_.trusted_proxies = many(entry);
        } else {
            return false;
        }
        return true;
    }

    /// The path of its URL says which requests it is for, and is not added.
    void take_upstream(const std::string& text, int line) {
        oauth2_upstream made{.line = line, .path = "/", .uri = text};
        if (text.starts_with("file:") || text.starts_with("static:")) {
            made.answers = true;
            const std::size_t fragment = text.find('#');
            made.path = fragment == std::string::npos ? "/" : text.substr(fragment + 1);
        } else if (const std::size_t host = text.find("://"); host != std::string::npos && !text.starts_with("unix:")) {
            const std::size_t path = text.find('/', host + 3);
            made.path = path == std::string::npos ? "/" : text.substr(path, text.find_first_of("?#", path) - path);
            made.uri = text.substr(0, path);
        }
        into_.upstreams.push_back(std::move(made));
    }

public:
    /// What counts for all upstreams, wherever it is written.
    void finish() {
        if (into_.email_claim == "email" && !user_id_claim_.empty()) {
            into_.email_claim = user_id_claim_;
        }
        for (oauth2_upstream& each : into_.upstreams) {
            each.timeout = timeout_;
            each.pass_host = pass_host_;
        }
        if (user_headers_) {
            into_.identity_headers = {{"X-Forwarded-User", "user"},
                                      {"X-Forwarded-Email", session_claim("email", into_)},
                                      {"X-Forwarded-Groups", "roles"},
                                      {"X-Forwarded-Preferred-Username", session_claim("preferred_username", into_)}};
        }
    }

private:
    oauth2_proxy_options& into_;
    imported& out_;
    std::string timeout_;
    std::string user_id_claim_;
    bool pass_host_ = true;
    bool user_headers_ = true;
};

} // namespace

void take_cfg(const std::vector<cfg_entry>& entries, oauth2_proxy_options& into, imported& out) {
    into.email_domains.emplace();
    taker taking(into, out);
    for (const cfg_entry& each : entries) {
        taking.take(each);
    }
    taking.finish();
}

} // namespace bearward::proxy::commands::importing

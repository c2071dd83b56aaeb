#include "proxy/commands/import/foreign_yaml.hpp"
#include "proxy/commands/import/oauth2_proxy_options.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;

class taker {
public:
    taker(oauth2_proxy_options& into, imported& out) : into_(into), out_(out) {}

    void take(const node& root) {
        take_upstreams(root);
        take_providers(root);
        for (const node& each : items_at(root, "inject_request_headers")) {
            take_header(each);
        }
        if (!items_at(root, "inject_response_headers").empty()) {
            out_.say(find(root, "inject_response_headers")->line,
                     "injectResponseHeaders: not here; a forward_auth listener answers with identity_headers");
        }
        take_server(root);
        list(root, "", {"upstream_config", "upstreams", "providers", "inject_request_headers", "inject_response_headers", "server"});
    }

private:
    void list(const node& map, const std::string& prefix, std::initializer_list<std::string_view> known) {
        for (const node* each : other_keys(map, known)) {
            out_.say(each->line, prefix + each->text + ": not translated");
        }
    }
    void close(int line, const std::string& what) {
        out_.warn(line, what + "; everything that needs a login is closed");
        into_.closed = true;
    }

    void take_upstreams(const node& root) {
        const node* const section = find(root, "upstream_config");
        if (section != nullptr) {
            list(*section, "upstreamConfig.", {"upstreams"});
        }
        for (const node& each : items_at(section != nullptr ? *section : root, "upstreams")) {
            const std::string uri = text_at(each, "uri");
            oauth2_upstream made{.line = each.line, .path = text_at(each, "path"), .uri = uri, .rewrite = text_at(each, "rewrite_target")};
            made.timeout = text_at(each, "timeout");
            made.pass_host = text_at(each, "pass_host_header") != "false";
            made.answers = is_true(each, "static") || uri.starts_with("file:") || uri.empty();
            if (is_true(each, "insecure_skip_tlsverify") || is_true(each, "insecureSkipTLSVerify")) {
                out_.say(each.line, "insecureSkipTLSVerify: certificates are verified here");
            }
            list(each, "upstreams[].",
                 {"id", "path", "uri", "rewrite_target", "timeout", "pass_host_header", "static", "static_code", "flush_interval",
                  "insecureSkipTLSVerify", "proxy_web_sockets"});
            if (text_at(each, "proxy_web_sockets") == "false") {
                out_.say(each.line, "proxyWebSockets: write `websocket: off` on its routes");
            }
            into_.upstreams.push_back(std::move(made));
        }
    }

    void take_providers(const node& root) {
        const auto& all = items_at(root, "providers");
        if (all.empty()) {
            return;
        }
        if (all.size() > 1) {
            out_.say(all[1].line, "only the first provider is used, as oauth2-proxy does");
        }
        const node& one = all.front();
        into_.provider_line = one.line;
        into_.provider = text_at(one, "provider").empty() ? "google" : text_at(one, "provider");
        into_.client_id = text_at(one, "clientID");
        into_.allowed_groups = texts_at(one, "allowed_groups");
        for (const node* each :
             other_keys(one, {"provider", "id", "name", "clientID", "client_secret", "client_secret_file", "allowed_groups", "oidc_config",
                              "scope", "loginURL", "redeemURL", "profileURL", "validateURL", "loginURLParameters", "code_challenge_method",
                              "ca_files", "useSystemTrustStore", "backendLogoutURL"})) {
            close(each->line, "providers[]." + each->text + ": not translated, and may say who may come in");
        }
        const node* const oidc = find(one, "oidc_config");
        if (oidc == nullptr) {
            return;
        }
        into_.issuer = text_at(*oidc, "issuerURL");
        into_.jwks_url = is_true(*oidc, "skip_discovery") ? text_at(*oidc, "jwksURL") : "";
        into_.extra_audiences = texts_at(*oidc, "extra_audiences");
        into_.audience_claims = texts_at(*oidc, "audience_claims");
        into_.unverified_emails = is_true(*oidc, "insecure_allow_unverified_email");
        for (const auto& [key, to] : {std::pair("email_claim", &into_.email_claim), std::pair("groups_claim", &into_.groups_claim)}) {
            if (const std::string claim = text_at(*oidc, key); !claim.empty()) {
                *to = claim;
            }
        }
        list(*oidc, "oidcConfig.",
             {"issuerURL", "skip_discovery", "jwksURL", "extra_audiences", "audience_claims", "insecure_allow_unverified_email",
              "email_claim", "groups_claim"});
    }

    /// Before 7.14 the source stood beside the others, since then in a map of its own.
    void take_header(const node& header) {
        const std::string name = text_at(header, "name");
        const auto& values = items_at(header, "values");
        if (values.size() != 1 || !is_settable_header(name) || is_true(header, "preserve_request_value")) {
            out_.say(header.line, "injectRequestHeaders: not taken over: " + name);
            return;
        }
        const node* const nested = find(values.front(), "claim_source");
        const node& source = nested != nullptr ? *nested : values.front();
        const std::string from = session_claim(text_at(source, "claim"), into_);
        if (!from.empty() && find(source, "prefix") == nullptr && find(source, "basic_auth_password") == nullptr) {
            into_.identity_headers.emplace_back(name, from);
        } else if (text_at(source, "claim") == "id_token" || text_at(source, "claim") == "access_token") {
            out_.say(header.line, "injectRequestHeaders: tokens are not given on in " + name +
                                      "; `forward_token: true` on a route leaves the one in Authorization");
        } else {
            out_.say(header.line, "injectRequestHeaders: not taken over: " + name);
        }
    }

    void take_server(const node& root) {
        const node* const server = find(root, "server");
        if (server == nullptr) {
            return;
        }
        into_.address_line = server->line;
        const auto either = [&](const char* upper, const char* lower) {
            const std::string found = text_at(*server, upper);
            return found.empty() ? text_at(*server, lower) : found;
        };
        into_.http_address = either("BindAddress", "bind_address");
        into_.https_address = either("SecureBindAddress", "secure_bind_address");
        const node* tls = find(*server, "TLS");
        tls = tls != nullptr ? tls : find(*server, "tls");
        if (tls != nullptr) {
            for (const auto& [upper, lower, to] :
                 {std::tuple("Cert", "cert", &into_.certificate), std::tuple("Key", "key", &into_.private_key)}) {
                const node* const found = find(*tls, upper) != nullptr ? find(*tls, upper) : find(*tls, lower);
                *to = found != nullptr ? text_at(*found, "from_file") : "";
            }
            if (into_.certificate.empty() || into_.private_key.empty()) {
                out_.say(tls->line, "TLS: only certificates and keys from files are taken over");
            }
        }
    }

    oauth2_proxy_options& into_;
    imported& out_;
};

} // namespace

void take_alpha(const std::string& text, oauth2_proxy_options& into, imported& out) {
    const auto root = parse_foreign_yaml(text, out);
    if (!root) {
        out.failed = true;
        return;
    }
    taker(into, out).take(*root);
}

} // namespace bearward::proxy::commands::importing

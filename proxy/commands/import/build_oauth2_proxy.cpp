#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/import/oauth2_proxy_options.hpp"
#include "proxy/commands/import/peer_values.hpp"
#include "proxy/commands/import/plan_routes.hpp"
#include "proxy/commands/import/strictness.hpp"

#include "config/url.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

/// A rule of a list of which any that fits counts.
struct rule {
    path_pattern where;
    std::string method; ///< empty: any
    action does;        ///< of an upstream
};

class builder {
public:
    builder(const oauth2_proxy_options& from, imported& out) : from_(from), out_(out) {}

    void build() {
        out_.advice.emplace_back(
            "oauth2-proxy logs people in and keeps their sessions; Bearward only verifies tokens. The front end has to get them from the "
            "issuer (authorization code with PKCE) and send them as Authorization: Bearer.");
        if (!from_.bearer_tokens) {
            out_.advice.emplace_back("Without skip_jwt_bearer_tokens oauth2-proxy takes no bearer tokens at all: they are new here. "
                                     "Sessions in its cookie do not count.");
        }
        listen();
        add_providers();
        add_upstreams();
        add_skips();
        site only{.hosts = {}, .listeners = {}, .patterns = {}, .methods = {}, .judge = [this](const slice& of, const std::string& method) {
                      return judge(of, method);
                  }};
        for (const std::vector<rule>* rules : {&upstreams_, &skips_}) {
            for (const rule& each : *rules) {
                only.patterns.push_back(each.where);
                if (!each.method.empty()) {
                    only.methods.insert(each.method);
                }
            }
        }
        out_.trusted_proxies = from_.trusted_proxies;
        out_.identity_headers = from_.identity_headers;
        plan_routes({only}, out_);
    }

private:
    void listen() {
        const auto add = [&](const std::string& address, const char* name, bool tls) {
            const auto ours = to_listen_address(address);
            if (address.empty() || address == "-") {
                return;
            }
            if (!ours) {
                out_.say(from_.address_line, "an address that can't be listened on here");
                return;
            }
            listener made{.name = name, .address = *ours, .certificates = {}, .client_ca = {}};
            if (tls) {
                made.certificates.push_back({from_.certificate, from_.private_key});
            }
            out_.listeners.push_back(std::move(made));
        };
        const bool tls = !from_.certificate.empty() && !from_.private_key.empty();
        add(from_.http_address, "http", false);
        if (tls) {
            add(from_.https_address.empty() ? ":443" : from_.https_address, "https", true);
        }
    }

    void add_providers() {
        std::string issuer = from_.issuer;
        if (issuer.empty() && from_.provider == "google") {
            issuer = "https://accounts.google.com";
        }
        provider main{.name = "main"};
        find_keys_by_discovery(main, issuer, out_, from_.provider_line);
        if (const auto url = config::parse_url(from_.jwks_url); url && !config::is_insecure(*url) && !from_.issuer.empty()) {
            main.key_kind = provider::keys::jwks_url;
            main.key_source = from_.jwks_url;
            main.issuers = {from_.issuer};
        }
        if (from_.provider != "oidc" && from_.provider != "google" && from_.issuer.empty()) {
            main.comments.push_back("Tokens of this provider (" + from_.provider +
                                    ") are not OpenID Connect's: Bearward needs an issuer whose tokens can be verified.");
        }
        std::vector<std::string> audiences = from_.extra_audiences;
        audiences.insert(audiences.begin(), from_.client_id.empty() ? unknown_audience : from_.client_id);
        if (from_.client_id.empty()) {
            out_.placeholders.emplace_back(unknown_audience);
        }
        main.comments.emplace_back(
            "ID tokens have the client's ID as audience. Access tokens are for an API: register one, and write its audience here.");
        add_audiences(main, std::move(audiences));
        main.role_claim = from_.groups_claim;
        names_.push_back(main.name);
        out_.providers.push_back(std::move(main));
        add_extra_issuers();
        who_ = {.who = access::kind::token, .providers = names_, .needs = needs()};
        if (from_.closed || closed_) {
            who_ = {};
        }
    }

    /// There the first claim that a token has counts; here the first of the list, and `aud` where it is in it.
    void add_audiences(provider& to, std::vector<std::string> audiences) {
        const std::string first = from_.audience_claims.empty() ? "aud" : from_.audience_claims.front();
        if (first != "aud") {
            to.required_claims.emplace_back(first, claim_is(first, audiences));
        }
        if (from_.audience_claims.size() > 1) {
            out_.say(from_.provider_line, "oidc_audience_claims: a token without the first of them is refused here");
        }
        if (first == "aud" || is_in(from_.audience_claims, std::string("aud"))) {
            to.audiences = std::move(audiences);
        } else {
            to.allow_warnings.emplace_back("no-audience");
        }
    }

    void add_extra_issuers() {
        for (const std::string& each : from_.extra_issuers) {
            const std::size_t equals = each.find('=');
            const std::string issuer = each.substr(0, equals);
            const auto url = config::parse_url(issuer);
            if (!from_.bearer_tokens || equals == std::string::npos || !url || config::is_insecure(*url) ||
                issuer == out_.providers.front().issuers.front()) {
                out_.say(from_.extra_issuers_line, "extra_jwt_issuers: not taken over: " + each);
                continue;
            }
            const auto known = std::ranges::find_if(out_.providers, [&](const provider& one) { return one.issuers.front() == issuer; });
            if (known != out_.providers.end()) {
                known->audiences.push_back(each.substr(equals + 1)); // beside a claim that must be the first one's
                continue;
            }
            provider more{.name = "extra-" + std::to_string(out_.providers.size()), .issuers = {}, .audiences = {}};
            add_audiences(more, {each.substr(equals + 1)});
            find_keys_by_discovery(more, issuer, out_, from_.extra_issuers_line);
            more.role_claim = from_.groups_claim;
            names_.push_back(more.name);
            out_.providers.push_back(std::move(more));
        }
    }

    std::vector<requirement> needs() {
        std::vector<requirement> all;
        if (!from_.email_domains) {
            out_.warn(0, "email_domains, skip_auth_routes and more stand in oauth2-proxy's .cfg or flags, not in this file: fill in "
                         "YOUR-DOMAIN, and import the "
                         ".cfg too");
            out_.placeholders.emplace_back("YOUR-DOMAIN");
            all.push_back(claim_matches(from_.email_claim, "*@YOUR-DOMAIN"));
        } else if (!is_in(*from_.email_domains, std::string("*"))) {
            add_domains(all);
        }
        if (!from_.unverified_emails) {
            all.push_back(none_of(claim_is("email_verified", {"false"})));
        }
        if (!from_.allowed_groups.empty()) {
            all.push_back(has_role(from_.allowed_groups));
        }
        return all;
    }

    void add_domains(std::vector<requirement>& all) {
        std::vector<requirement> any;
        for (const std::string& each : *from_.email_domains) {
            std::string domain = to_lower(each.starts_with("*.") ? each.substr(1) : each);
            domain = (domain.starts_with('.') ? "" : "@") + domain;
            if (can_be_pattern(domain) && domain.size() > 1) {
                any.push_back(claim_matches(from_.email_claim, '*' + domain));
            } else {
                out_.say(from_.domains_line, "email_domains: not taken over: " + each);
            }
        }
        if (from_.emails_file) {
            out_.say(from_.domains_line, "authenticated_emails_file is not read: who is only in it is refused; require a role instead");
        }
        if (any.empty()) {
            out_.warn(from_.domains_line, "no domain of email_domains can be taken over, so that who may come in is not known: everything "
                                          "that needs a login is closed");
            closed_ = true;
        } else {
            out_.say(from_.domains_line, "domains of emails are compared in lower case alone: an issuer that writes others is refused");
            all.push_back(any_of(std::move(any)));
        }
    }

    void add_upstreams() {
        for (const oauth2_upstream& each : from_.upstreams) {
            rule made{.where = {each.path.ends_with('/') ? path_pattern::kind::prefix : path_pattern::kind::exact, each.path},
                      .method = {},
                      .does = {}};
            made.does = make_action(each, made.where);
            if (!is_plain_path(made.where.text)) {
                out_.say(each.line, "the path of an upstream can't be a route here; it is refused: " + each.path);
                made.where = sayable({path_pattern::kind::unknown, made.where.text});
                made.does = refused();
            }
            upstreams_.push_back(std::move(made));
        }
    }

    action make_action(const oauth2_upstream& of, path_pattern& where) {
        action does{.who = who_, .upstream = {}};
        if (!of.rewrite.empty()) {
            const bool strips =
                of.path.starts_with("^/") && (of.path.ends_with("/(.*)") || of.path.ends_with("/(.*)$")) && of.rewrite == "/$1";
            where = {path_pattern::kind::prefix, strips ? of.path.substr(1, of.path.find('(') - 1) : std::string()};
            does.strip_prefix = strips && where.text != "/";
        }
        const auto server = to_server(of.uri);
        if (of.answers || !server || !where.text.starts_with('/') || (!server->path.empty() && server->path != "/")) {
            out_.say(of.line, of.answers ? "files and fixed answers are not served here: " + of.path + " is refused"
                                         : "an upstream that can't be taken over: " + of.path + " is refused");
            return refused();
        }
        upstream made{
            .name = "app", .servers = {server->address}, .least_connections = false, .forward_host = of.pass_host, .tls = server->tls};
        if (!of.timeout.empty()) {
            made.response_timeout = to_duration(of.timeout).value_or("");
        } else {
            made.response_timeout = "30s"; // oauth2-proxy's own
        }
        does.upstream = find_upstream(out_, made);
        does.preflights_pass = from_.preflights_pass;
        does.forward_token = from_.forward_token;
        does.headers = from_.headers;
        return does;
    }

    void add_skips() {
        for (const oauth2_proxy_options::skip& each : from_.skip_auth) {
            const understood_regex meant = understand_regex(each.expression, regex_use::search);
            for (const path_pattern& pattern : meant.patterns) {
                if (pattern.type == path_pattern::kind::unknown || !is_plain_path(pattern.text)) {
                    out_.say(each.line, "not opened, since it is neither a path nor the beginning of one: " + each.expression);
                    continue;
                }
                skips_.push_back({.where = pattern, .method = each.method, .does = {}});
            }
            if (meant.narrowed) {
                out_.say(each.line, "opened for a point alone where `.` stands for any byte: " + each.expression);
            }
        }
    }

    judgement judge(const slice& of, const std::string& method) {
        judgement found;
        std::size_t longest = 0;
        for (const rule& each : upstreams_) {
            const fit fits = matches(each.where, of);
            if (fits == fit::yes && each.where.text.size() >= longest) {
                longest = each.where.text.size();
                found.sure = each.does;
            } else if (fits == fit::maybe) {
                found.maybe.push_back(each.does);
            }
        }
        const bool open = std::ranges::any_of(skips_, [&](const rule& each) {
            return (each.method.empty() || each.method == method) && matches(each.where, of) == fit::yes;
        });
        if (found.sure && open && !found.sure->upstream.empty()) {
            found.sure->who = {.who = access::kind::open, .providers = {}, .needs = {}};
        }
        return found;
    }

    const oauth2_proxy_options& from_;
    imported& out_;
    std::vector<std::string> names_;
    access who_;
    bool closed_ = false;
    std::vector<rule> upstreams_, skips_;
};

} // namespace

std::string session_claim(const std::string& claim, const oauth2_proxy_options& options) {
    if (claim == "user") {
        return "user";
    }
    if (claim == "groups") {
        return "roles";
    }
    return claim == "email" ? "claims." + options.email_claim : claim == "preferred_username" ? "claims.preferred_username" : "";
}

void build_oauth2_proxy(const oauth2_proxy_options& options, imported& out) {
    builder(options, out).build();
}

} // namespace bearward::proxy::commands::importing

// The options of oauth2-proxy, whether they stand in its .cfg or in its YAML ("alpha" configuration).
#pragma once

#include "proxy/commands/import/model.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

struct oauth2_upstream {
    int line = 0;
    std::string path; ///< `/` at its end: all below it
    std::string uri;
    std::string rewrite;
    std::string timeout;
    bool pass_host = true;
    bool answers = false; ///< static
};

struct oauth2_proxy_options {
    int provider_line = 0;
    std::string provider = "google";
    std::string issuer, jwks_url, client_id;
    std::vector<std::string> extra_audiences, audience_claims;
    std::string email_claim = "email", groups_claim = "groups";
    std::vector<std::string> allowed_groups;
    bool unverified_emails = false;

    int domains_line = 0;
    std::optional<std::vector<std::string>> email_domains; ///< nothing: another file tells them
    bool emails_file = false;
    bool bearer_tokens = false;
    std::vector<std::string> extra_issuers; ///< issuer=audience
    int extra_issuers_line = 0;
    struct skip {
        int line = 0;
        std::string method, expression;
    };
    std::vector<skip> skip_auth;
    bool preflights_pass = false;
    bool forward_token = false;
    bool closed = false; ///< a rule could not be translated

    std::vector<oauth2_upstream> upstreams;
    std::string http_address = "127.0.0.1:4180", https_address;
    int address_line = 0;
    std::string certificate, private_key;
    std::vector<std::string> trusted_proxies;
    std::vector<std::pair<std::string, std::string>> identity_headers;
    std::map<std::string, std::string> headers;
};

/// A line `key = value` of the .cfg, which may go on in the lines below.
struct cfg_entry {
    int line = 0;
    std::string key; ///< with `_`, in lower case
    std::vector<std::string> values;
    bool list = false;
};
struct cfg_file {
    std::vector<cfg_entry> entries;
    std::optional<note> fault;
};
[[nodiscard]] cfg_file parse_cfg(const std::string& text);

/// Whether it is a .cfg, by its first line that says something.
[[nodiscard]] bool looks_like_cfg(const std::string& text);

void take_cfg(const std::vector<cfg_entry>& entries, oauth2_proxy_options& into, imported& out);
void take_alpha(const std::string& text, oauth2_proxy_options& into, imported& out);

/// The configuration from the options.
void build_oauth2_proxy(const oauth2_proxy_options& options, imported& out);

/// The header source of a session's claim: user, email, groups, preferred_username; empty for others.
[[nodiscard]] std::string session_claim(const std::string& claim, const oauth2_proxy_options& options);

} // namespace bearward::proxy::commands::importing

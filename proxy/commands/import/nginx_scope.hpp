// What counts at a place of nginx's configuration: what stands there, and what is inherited.
#pragma once

#include "proxy/commands/import/nginx_http.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

/// The settings of an http, server or location block.
struct nginx_scope {
    std::string auth_jwt; ///< empty: off; else "on"
    std::string token;    ///< the variable that the token is in; empty: Authorization
    std::string key_file, key_request, leeway;
    std::vector<requirement> token_needs;
    std::string auth_request; ///< its URI; empty: off
    bool auth_basic = false;
    bool by_address = false; ///< allow and deny
    bool address_noted = false;
    bool satisfy_any = false;
    bool closed = false;                                      ///< something that may refuse is not understood
    std::vector<std::pair<std::string, std::string>> headers; ///< proxy_set_header
    std::map<std::string, std::string> variables;             ///< auth_request_set: variable -> header source
    std::string max_body = "1MiB";
    std::string read_timeout = "1m";
    std::string rate;
    unsigned burst = 0;

    // of this block alone
    int line = 0;
    std::string proxy_pass;
    std::string fallback; ///< the named location of try_files
    bool internal = false, answers = false;
    std::optional<std::set<std::string>> limited_methods; ///< limit_except: others are refused
};

class nginx_reader {
public:
    nginx_reader(const nginx_http& http, imported& out) : http_(http), out_(out) {}
    /// The settings of a block from those around it. Locations, servers and the like are left to the caller.
    [[nodiscard]] nginx_scope read(const nginx_scope& around, const std::vector<const nginx_directive*>& block);
    /// One note for all that decides nothing.
    void list_harmless();

private:
    bool read_token_rules(const nginx_directive& of, nginx_scope& into);
    bool read_other_rules(const nginx_directive& of, nginx_scope& into);
    bool read_forwarding(const nginx_directive& of, nginx_scope& into);
    void read_require(const nginx_directive& of, nginx_scope& into);
    void close(const nginx_directive& of, nginx_scope& into, const std::string& why);
    void read_limit_except(const nginx_directive& of, nginx_scope& into);

    const nginx_http& http_;
    imported& out_;
    std::set<std::string> harmless_;
};

/// The directives of a block.
[[nodiscard]] std::vector<const nginx_directive*> directives_of(const std::vector<nginx_directive>& block);

} // namespace bearward::proxy::commands::importing

// One server of nginx: its locations, and which of them is for a path.
#pragma once

#include "proxy/commands/import/nginx_scope.hpp"
#include "proxy/commands/import/plan_routes.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

/// The providers that locations need, by what they verify with.
class nginx_providers {
public:
    explicit nginx_providers(imported& out) : out_(out) {}
    /// `keys`: where the keys are, if known; a URL or a file.
    std::string for_tokens(const nginx_scope& at, const std::string& key_url);
    std::string for_auth_request(const std::string& uri, int line);

private:
    imported& out_;
    std::map<std::string, std::string> names_;
};

class nginx_server {
public:
    nginx_server(const nginx_directive& of, const nginx_http& http, const nginx_scope& around, nginx_reader& reader,
                 nginx_providers& providers, imported& out);

    [[nodiscard]] judgement judge(const slice& of, const std::string& method) const;
    [[nodiscard]] bool forwards() const;
    void add_patterns(site& to) const;

private:
    static constexpr unsigned server_itself = 0;
    struct location {
        unsigned number = 0;
        unsigned parent = server_itself; ///< the number of the location around it
        std::vector<path_pattern> where;
        bool regex = false;
        bool final = false; ///< `^~`: no regex beside it is tried
        bool odd = false;   ///< no regex, but not sayable: taken for one
        nginx_scope at;
        action does;
    };

    void add_locations(const std::vector<nginx_directive>& block, const nginx_scope& around, unsigned parent, unsigned depth);
    /// Of the locations directly within another, and of those within them. True: nothing else is tried.
    bool find_location(unsigned parent, const slice& of, const std::string& method, judgement& found) const;
    void read_where(const nginx_directive& of, location& into);
    void complete(location& of);
    [[nodiscard]] access access_of(const nginx_scope& at);
    void forward(location& of, const nginx_scope& at);
    void set_headers(action& does, const nginx_scope& at);
    [[nodiscard]] std::string key_url(const std::string& uri) const;
    [[nodiscard]] static action for_method(const location& of, const std::string& method);

    const nginx_http& http_;
    nginx_reader& reader_;
    nginx_providers& providers_;
    imported& out_;
    std::vector<location> locations_;
    unsigned locations_read_ = server_itself;
    std::map<std::string, nginx_scope> named_;
};

} // namespace bearward::proxy::commands::importing

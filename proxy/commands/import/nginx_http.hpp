// What stands around nginx's servers: groups of servers, maps, zones. Lists what it can't read.
#pragma once

#include "proxy/commands/import/nginx_syntax.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy::commands::importing {

/// `map $source $name { VALUE RESULT; }`, as far as it says which values are good.
struct nginx_map {
    std::string source;            ///< the variable, without `$`
    std::vector<std::string> good; ///< values whose result is neither empty nor 0
    bool understood = true;
};

struct nginx_http {
    std::map<std::string, upstream> upstreams;
    std::map<std::string, nginx_map> maps;              ///< by the variable that they make
    std::map<std::string, std::string> claim_variables; ///< auth_jwt_claim_set: variable -> claim
    std::map<std::string, std::string> zones;           ///< limit_req_zone per address: its rate
    std::vector<std::string> trusted_proxies;           ///< set_real_ip_from
    std::vector<const nginx_directive*> servers;
    std::vector<const nginx_directive*> scope; ///< what servers inherit
};

/// From the file's directives, in `http` or without it.
[[nodiscard]] nginx_http read_nginx_http(const nginx_file& file, imported& out);

/// Directives that decide nothing about who comes in. They are listed together.
[[nodiscard]] bool is_harmless_nginx(const std::string& directive);

/// The claim that a variable stands for; empty for others.
[[nodiscard]] std::string claim_of_variable(const std::string& variable, const nginx_http& http);

/// Of a unit of nginx: `10m` as 10MiB; empty for what is no size, "0" for none.
[[nodiscard]] std::string nginx_size(const std::string& written);

} // namespace bearward::proxy::commands::importing

// What nginx's servers say of TLS at an address, where ours has it for the listener.
#pragma once

#include "proxy/commands/import/nginx_http.hpp"

#include <set>
#include <string>

namespace bearward::proxy::commands::importing {

class nginx_tls {
public:
    explicit nginx_tls(imported& out) : out_(out) {}
    /// Adds what a server says, and what it inherits.
    void read(const nginx_directive& server, const nginx_http& http, listener& into);

private:
    void read_clients(int line, const std::string& verify, std::string ca, listener& into);

    imported& out_;
    std::set<std::string> requiring_; ///< listeners where some server requires a client certificate
};

} // namespace bearward::proxy::commands::importing

#include "proxy/commands/import/nginx_tls.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {

void nginx_tls::read(const nginx_directive& server, const nginx_http& http, listener& into) {
    std::vector<const nginx_directive*> all = http.scope;
    for (const nginx_directive& each : server.block) {
        all.push_back(&each);
    }
    const auto last = [&](std::string_view name) {
        std::string found;
        for (const nginx_directive* each : all) {
            found = each->name == name ? each->word(0) : found;
        }
        return found;
    };
    listener::pair files{last("ssl_certificate"), last("ssl_certificate_key")};
    if (files.certificate.empty() || files.private_key.empty()) {
        out_.say(server.line, "TLS whose certificate is not named in the server: fill in certificate.pem and private_key.pem");
        files = {"certificate.pem", "private_key.pem"};
    }
    if (std::ranges::none_of(into.certificates, [&](const listener::pair& each) { return each.certificate == files.certificate; })) {
        into.certificates.push_back(files);
    }
    const std::string clients = last("ssl_client_certificate");
    const std::string trusted = last("ssl_trusted_certificate");
    if (!trusted.empty() && !clients.empty()) {
        out_.say(server.line, "ssl_trusted_certificate: not translated; ssl_client_certificate says who issues certificates of clients");
    }
    read_clients(server.line, last("ssl_verify_client"), clients.empty() ? trusted : clients, into);
}

void nginx_tls::read_clients(int line, const std::string& verify, std::string ca, listener& into) {
    if (verify.empty() || verify == "off") {
        return;
    }
    if (verify == "on") {
        requiring_.insert(into.name);
        if (ca.empty()) {
            out_.warn(line, "client certificates are required, but no ssl_client_certificate is named: clients.crt stands for it");
            ca = "clients.crt";
        }
    }
    if (!into.client_ca.empty() && !ca.empty() && into.client_ca != ca) {
        out_.warn(line, "servers at one address take client certificates of several authorities: those of " + into.client_ca +
                            " alone are taken here");
    } else if (!ca.empty()) {
        into.client_ca = ca;
    }
    into.client_certificate_optional = !requiring_.contains(into.name);
}

} // namespace bearward::proxy::commands::importing

#include "config/fields.hpp"
#include "config/values.hpp"

namespace bearward::config {

const section<listener_settings>& listener_fields() {
    static const section<listener_settings> declared =
        section<listener_settings>("listener")
            .field("address", &listener_settings::address, listen_address(),
                   "Where to listen: host:port, [v6]:port or unix:/path. Port 0 picks a free one, which is logged and shown by /status. "
                   "[::] takes IPv4 "
                   "too. An address on which another process listens is an error.",
                   presence::required)
            .field("name", &listener_settings::name, absent_if_empty(text("a name")), "What routes call it. Default: the address.")
            .field(
                "proxy_protocol", &listener_settings::proxy,
                placed(word<proxy_protocol>(
                    {{"off", proxy_protocol::off}, {"v1", proxy_protocol::v1}, {"v2", proxy_protocol::v2}, {"any", proxy_protocol::any}})),
                "The PROXY header that tells the client's address. Peers in trusted_proxies must send it, others must not.")
            .field(
                "mode", &listener_settings::mode,
                word<listener_mode>({{"proxy", listener_mode::proxy}, {"forward_auth", listener_mode::forward_auth}}),
                "proxy: what is permitted is forwarded. forward_auth: another proxy asks about its requests (X-Forwarded-Method, "
                "X-Forwarded-Host and X-Forwarded-Uri, or X-Original-Method, X-Original-Host and X-Original-URL), and gets a 200 with the "
                "identity headers, or the refusal. Only trusted_proxies may ask; where there are none, loopback and unix sockets.")
            .field("tls", &listener_settings::tls, listener_tls(), "TLS 1.2 and 1.3 towards the clients; HTTP/1.1 inside.");
    return declared;
}

} // namespace bearward::config

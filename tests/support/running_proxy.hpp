// A proxy in this process, configured as the tests need it, in front of one
// upstream; and the tokens that it knows.
#pragma once

#include "proxy/service.hpp"
#include "tests/support/raw_socket.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bearward::test {

/// What differs from the usual configuration: bodies of YAML flow mappings.
struct proxy_options {
    std::string upstream;  ///< of the upstream: "response_timeout: 300ms"
    std::string servers;   ///< instead of the port: "\"127.0.0.1:1\", \"unix:/x\""
    std::string limits;    ///< "idle_timeout: 200ms"
    std::string providers; ///< more of them: "other: {...}"
    std::string routes;    ///< more of them, whole lines
    std::string cookie{};  ///< in which a token may be; empty: in none
    std::string more;      ///< more sections, whole lines
    std::string log = "level: error, access: off";
    unsigned threads = 1;
    std::string listen = "127.0.0.1:0";
    std::string listener; ///< more of it: "tls: {...}"
    bool open = false;    ///< / needs no token either
    proxy::upstream::lookup_function names = proxy::upstream::look_up_name;
    /// Makes who gets what decisions need; empty: nothing can be had.
    std::function<std::unique_ptr<proxy::supplier>(const policies::snapshot& rules)> supplies{};
};

/// Serves until it is destroyed. Routes: / (a token), /public (none), /optional,
/// /admin (role admin), /tenants/{id} (that tenant), /only-get, /query (a token in
/// the query too), /kept (the token is forwarded), /socket-http and /socket-auto
/// (rejections of WebSockets), /no-sockets, /ageless (expiry closes nothing).
class running_proxy {
public:
    explicit running_proxy(std::uint16_t upstream_port, const proxy_options& options = {});
    /// In front of no server, unless `servers` names some.
    explicit running_proxy(const proxy_options& options) : running_proxy(1, options) {}

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] proxy::service& service() noexcept { return *service_; }
    [[nodiscard]] raw_socket connect(int receive_buffer = 0) const { return raw_socket::connect(port_, receive_buffer); }
    /// Stops and destroys the service.
    void end() { service_.reset(); }

private:
    std::unique_ptr<proxy::service> service_;
    std::uint16_t port_ = 0;
};

/// What a token says.
struct token_text {
    std::string user = "ada";
    std::string tenant = "acme";
    std::string role = "reader";
    std::chrono::milliseconds lifetime{3'600'000};
};

/// A token that running_proxy accepts.
[[nodiscard]] std::string make_token(const token_text& what = {});
/// "Authorization: Bearer TOKEN\r\n" with a token for everything but /admin.
[[nodiscard]] const std::string& authorized();

} // namespace bearward::test

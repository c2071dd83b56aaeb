#include "tests/support/running_proxy.hpp"

#include "config/configuration.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <stdexcept>

namespace bearward::test {
namespace {

constexpr std::string_view secret = "a secret of the tests with more than 32 bytes";

std::string make_configuration(std::uint16_t upstream_port, const proxy_options& options) {
    std::string text = "version: 1\n"
                       "listen: [{address: \"" +
                       options.listen + "\", name: main" + (options.listener.empty() ? "" : ", " + options.listener) +
                       "}]\n"
                       "admin: {address: \"off\"}\n"
                       "log: {" +
                       options.log + "}\n";
    text += "threads: " + std::to_string(options.threads) + "\n";
    const std::string servers = options.servers.empty() ? "\"127.0.0.1:" + std::to_string(upstream_port) + '"' : options.servers;
    text += "upstreams: {app: {servers: [" + servers + "]";
    text += (options.upstream.empty() ? "" : ", ") + options.upstream + "}}\n";
    text += "providers: {main: {issuer: \"https://id.test/\", audiences: [app], algorithms: [HS256], clock_skew: 0s, " +
            (options.cookie.empty() ? "" : "cookie: " + options.cookie + ", ") + "keys: {secret: {value: \"" + std::string(secret) +
            "\"}}}" + (options.providers.empty() ? "" : ", " + options.providers) + "}\n";
    text += options.limits.empty() ? "" : "limits: {" + options.limits + "}\n";
    text += options.more;
    text += "defaults: {upstream: app, providers: [main]}\n"
            "routes:\n";
    text += options.open ? "  - {prefix: /, auth: none}\n" : "  - prefix: /\n";
    text += "  - {prefix: /public, auth: none}\n"
            "  - {prefix: /optional, auth: optional}\n"
            "  - {prefix: /admin, require: {roles: [admin]}}\n"
            "  - {prefix: \"/tenants/{id}\", require: {tenant: \"{id}\"}}\n"
            "  - {exact: /only-get, methods: [GET]}\n"
            "  - {prefix: /query, token_from: [header, query]}\n"
            "  - {prefix: /kept, forward_token: true}\n"
            "  - {prefix: /socket-http, websocket: {reject_with: http}}\n"
            "  - {prefix: /socket-auto, websocket: {reject_with: auto}}\n"
            "  - {prefix: /no-sockets, websocket: \"off\"}\n"
            "  - {prefix: /ageless, websocket: {close_on_expiry: false}}\n";
    return text + options.routes;
}

} // namespace

running_proxy::running_proxy(std::uint16_t upstream_port, const proxy_options& options) {
    std::signal(SIGPIPE, SIG_IGN); // as the process does: splice(2) has no flag for it
    spdlog::set_level(spdlog::level::err);
    auto result = config::load_text(make_configuration(upstream_port, options), "test.yaml");
    if (!result.loaded) {
        std::string message = "the test's configuration is refused:";
        for (const auto& what : result.diagnostics) {
            message += '\n' + config::to_string(what);
        }
        throw std::runtime_error(message);
    }
    auto supplies = options.supplies ? options.supplies(*result.loaded->rules) : nullptr;
    service_ = std::make_unique<proxy::service>(std::move(*result.loaded), options.names, std::move(supplies));
    service_->start();
    const auto address = service_->listeners().front().address;
    port_ = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

std::string make_token(const token_text& what) {
    using policies::jose::encode_base64url;
    const auto expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + what.lifetime;
    const auto milliseconds = std::to_string(expires.time_since_epoch().count());
    const std::string seconds = milliseconds.substr(0, milliseconds.size() - 3) + '.' + milliseconds.substr(milliseconds.size() - 3);
    const std::string claims = R"({"iss":"https://id.test/","aud":"app","sub":")" + what.user + R"(","tid":")" + what.tenant +
                               R"(","roles":[")" + what.role + R"("],"exp":)" + seconds + "}";
    const std::string input = encode_base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' + encode_base64url(claims);
    const auto signature = policies::jose::signing_key::from_secret(secret).sign(policies::jose::algorithm::hs256, input);
    if (!signature) {
        throw std::runtime_error("can't sign a token: " + signature.error());
    }
    return input + '.' + encode_base64url(*signature);
}

const std::string& authorized() {
    static const std::string line = "Authorization: Bearer " + make_token() + "\r\n";
    return line;
}

} // namespace bearward::test

#include "proxy/demo/stage.hpp"

#include "config/configuration.hpp"
#include "proxy/demo/lines.hpp"
#include "proxy/telemetry/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <charconv>
#include <chrono>
#include <stdexcept>

namespace bearward::proxy::demo {

namespace {

policies::time_point now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

config::configuration load(const std::string& file) {
    config::load_result result = config::load_file(file);
    if (!result.loaded) {
        std::string message = "the demo's configuration is refused:";
        for (const config::diagnostic& what : result.diagnostics) {
            message += '\n' + config::to_string(what);
        }
        throw std::runtime_error(message);
    }
    return std::move(*result.loaded);
}

std::uint16_t parse_port(const std::string& address) {
    const char* const end = address.data() + address.size();
    std::uint16_t port = 0;
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || std::from_chars(address.data() + colon + 1, end, port).ptr != end) {
        throw std::runtime_error("unexpected listener " + address);
    }
    return port;
}

} // namespace

stage::stage(std::uint16_t listen_port, bool quiet) : credentials_(make_credentials(now())) {
    configuration_text_ = make_configuration(
        {.listen = "127.0.0.1:" + std::to_string(listen_port), .app = "127.0.0.1:" + std::to_string(app_.port()), .quiet = quiet});
    directory_.write("jwks.json", credentials_.jwks);
    directory_.write("bearward.yaml", configuration_text_);
    config::configuration configuration = load(configuration_file());
    set_up_log(configuration.log);
    service_ = std::make_unique<service>(std::move(configuration));
    service_->start();
    port_ = parse_port(service_->listeners().front().address);
}

std::uint16_t find_free_port(std::uint16_t wanted) {
    namespace asio = boost::asio;
    asio::io_context context;
    asio::ip::tcp::acceptor probe(context);
    boost::system::error_code error;
    // Without SO_REUSEPORT, unlike the proxy's own listeners: another proxy of the
    // same user would otherwise share the port, and its connections, silently.
    probe.open(asio::ip::tcp::v4(), error);
    if (!error) {
        probe.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
        probe.bind({asio::ip::address_v4::loopback(), wanted}, error);
    }
    if (!error) {
        probe.listen(1, error);
    }
    return error ? std::uint16_t{0} : wanted;
}

} // namespace bearward::proxy::demo

// All that the demo runs, in one place: app, issuer, configuration, proxy.
#pragma once

#include "proxy/demo/temporary_directory.hpp"
#include "proxy/demo/tokens.hpp"
#include "proxy/demo/upstream.hpp"
#include "proxy/service.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace bearward::proxy::demo {

class stage {
public:
    /// Starts everything on loopback. `listen_port` 0: any free one; `quiet`: no
    /// access log. Throws std::runtime_error when something can't be had.
    stage(std::uint16_t listen_port, bool quiet);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string configuration_file() const { return (directory_.path() / "bearward.yaml").string(); }
    [[nodiscard]] const std::string& configuration_text() const noexcept { return configuration_text_; }
    [[nodiscard]] const std::vector<named_token>& tokens() const noexcept { return credentials_.tokens; }
    [[nodiscard]] service& proxy() noexcept { return *service_; }

private:
    temporary_directory directory_{"bearward-demo-"};
    upstream app_;
    credentials credentials_;
    std::string configuration_text_;
    std::unique_ptr<service> service_;
    std::uint16_t port_ = 0;
};

/// `wanted` when nothing listens there on loopback, else 0.
[[nodiscard]] std::uint16_t find_free_port(std::uint16_t wanted);

} // namespace bearward::proxy::demo

// The table of the demo: what to ask, and what to expect. The lines to copy and
// those that `--once` runs are made from this one table, so they can't differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::demo {

struct named_value {
    std::string name{};
    std::string value{};
};

/// A Close frame.
struct close_notice {
    std::uint16_t code = 0;
    std::string reason{};
};

/// What must come back. Empty members are not looked at.
struct expectation {
    unsigned status = 0;
    std::string detail{};                        ///< of an answer of Bearward's own
    std::vector<named_value> app_sees{};         ///< fields that reach the app, exactly once and with this value
    std::vector<std::string> app_does_not_see{}; ///< fields that don't, in any spelling with `_` for `-`
    std::string subprotocol{};                   ///< in the 101
    std::string echo{};                          ///< the message that comes back
    std::optional<close_notice> closed{};        ///< the WebSocket is accepted, then closed with this
};

/// One line to try. `$READER` and the like in targets and values stand for tokens.
struct line {
    std::string title{};
    bool websocket = false; ///< a handshake, then the message "hello"
    std::string method = "GET";
    std::string target{};
    std::vector<named_value> headers{};
    std::string body{};
    expectation expect;
};

/// The table.
[[nodiscard]] std::vector<line> make_lines();

/// The configuration that the table expects, as YAML; names jwks.json beside it.
struct addresses {
    std::string listen; ///< host:port; port 0: any free one
    std::string app;    ///< host:port of the demo upstream
    bool quiet = false; ///< no access log
};
[[nodiscard]] std::string make_configuration(const addresses& where);

} // namespace bearward::proxy::demo

// What a decision may look at: the judged parts of a request head, as views. The
// owner of the bytes keeps them alive while the view is used.
#pragma once

#include "policies/requests/client_certificate.hpp"
#include "policies/requests/header_names.hpp"
#include "policies/requests/target.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace bearward::policies::requests {

struct header {
    std::string_view name;  ///< as received; compared case-insensitively
    std::string_view value; ///< without surrounding white space
};

struct request_view {
    std::string_view method;
    canonical_path path;
    std::string_view query;     ///< after `?`, byte for byte; empty when there is none
    std::string_view host;      ///< lower-case, without port and trailing dot
    bool websocket = false;     ///< a valid WebSocket opening handshake
    std::uint32_t listener = 0; ///< index into the configuration's listeners
    std::span<const header> headers;
    std::string_view client{}; ///< its address, without port; empty: a unix socket
    bool trusted_peer = false; ///< what it says of the client is believed
    bool secure = false;       ///< it came through TLS
    /// Host with its port, lower-case: with the client's scheme the request's own origin.
    std::string_view authority{};
    std::string_view raw_path{};                     ///< as it came
    const client_certificate* certificate = nullptr; ///< null: the connection is plain
    bool for_another = false;                        ///< another proxy asks about it, and forwards it
};

/// ASCII case-insensitive equality of header names.
[[nodiscard]] bool equal_names(std::string_view left, std::string_view right) noexcept;

} // namespace bearward::policies::requests

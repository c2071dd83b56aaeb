// What the access log says about one request.
#pragma once

#include "policies/reason.hpp"
#include "policies/rules/route.hpp"
#include "proxy/telemetry/tunnel_end.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// What is known of a request when it ends. Texts are owned: the record outlives
/// the exchange. Token parameters in `path` are masked already.
struct access_record {
    std::chrono::system_clock::time_point time;
    std::string request_id;
    std::string client; ///< address without port
    std::string method;
    std::string path;
    std::string host;        ///< with its port, as the client named it; empty: unknown
    std::string traceparent; ///< the request's own, else the client's where it is valid (http::append_traceparent); empty: none
    unsigned status = 0;
    policies::reason why = policies::reason::ok;
    policies::reason observed = policies::reason::ok; ///< other than ok: a denial that `mode` only notes
    policies::rules::enforcement mode = policies::rules::enforcement::enforce;
    std::string cause; ///< what exactly was wrong, for people; empty: nothing
    std::string route; ///< empty: none
    std::string user;  ///< empty: anonymous
    std::string tenant;
    std::chrono::microseconds duration{0};
    std::string upstream; ///< server's address; empty: not asked
    std::chrono::microseconds upstream_duration{0};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t frames_in = 0; ///< of a WebSocket that was open
    std::uint64_t frames_out = 0;
    bool websocket = false;
    std::uint16_t close_code = 0; ///< of a WebSocket that was open or refused by a Close; 0: none
    closer closed_by = closer::nobody;
    std::string_view protocol; ///< a literal; empty: the head was not whole
    std::string_view scheme;   ///< a literal: how the client reached us, as far as is known
    std::string_view ended;    ///< why Bearward ended what was open, a literal; empty: it did not

    /// The reason in the line: an observed denial is what an operator looks for.
    [[nodiscard]] policies::reason told() const noexcept { return observed == policies::reason::ok ? why : observed; }

    [[nodiscard]] std::array<std::string*, 11> texts() noexcept {
        return {&request_id, &client, &method, &path, &host, &traceparent, &cause, &route, &user, &tenant, &upstream};
    }

    /// Empties it for another request; the strings keep their memory.
    void clear() noexcept {
        for (std::string* text : texts()) {
            text->clear();
        }
        time = {};
        status = 0;
        why = observed = policies::reason::ok;
        mode = policies::rules::enforcement::enforce;
        duration = upstream_duration = std::chrono::microseconds{0};
        bytes_in = bytes_out = frames_in = frames_out = 0;
        websocket = false;
        close_code = 0;
        closed_by = closer::nobody;
        protocol = scheme = ended = {};
    }
};

} // namespace bearward::proxy

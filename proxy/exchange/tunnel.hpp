// An open WebSocket: bytes pass untouched both ways, with back-pressure and
// bounded memory (proxy/BEHAVIOUR.md 9.11). Bearward can put a Close between two frames, to
// both sides. No coroutine: an idle tunnel is only this object.
#pragma once

#include "policies/clock.hpp"
#include "policies/close_code.hpp"
#include "proxy/address_counts.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/request_counters.hpp"
#include "proxy/websocket/frame_scanner.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy {

class worker_context;

/// Where an open WebSocket is counted.
struct tunnel_counts {
    route_counters& route;
    gauge& client;                 ///< the listener's connections
    gauge& upstream;               ///< the upstream's active ones
    std::shared_ptr<gauge> server; ///< what its server is busy with
};

struct tunnel_options {
    std::chrono::milliseconds idle_timeout{0};                          ///< 0: none
    std::chrono::milliseconds write_timeout{0};                         ///< of a peer that does not read; 0: none
    std::optional<policies::time_point> expires;                        ///< exp + clock_skew; nothing: never
    std::uint16_t expiry_code = policies::close_code::policy_violation; ///< of the Close then
    tunnel_counts counts;
};

class tunnel final : public readiness_listener,
                     public turn_listener,
                     public deadline_listener,
                     public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    /// `from_client` and `from_server`: bytes that were read behind the handshakes.
    tunnel(worker_context& owner, stream_ptr client, stream_ptr server, std::string_view from_client, std::string_view from_server,
           const tunnel_options& options, access_record record, std::chrono::steady_clock::time_point started, address_counts::slot slot);
    ~tunnel();
    tunnel(const tunnel&) = delete;
    tunnel& operator=(const tunnel&) = delete;

    /// Begins to relay. May remove itself from its worker, and so destroy this.
    void start();
    /// Puts a Close between two frames on both sides, then ends. Idempotent.
    void close(std::uint16_t code, std::string_view reason, tunnel_end why);
    /// Ends at once.
    void abort();

private:
    /// One way of the relay.
    struct direction {
        stream_ptr from;
        stream_ptr to;
        websocket::frame_scanner scanner;
        std::string waiting; ///< read but not yet written: at most one read and a Close
        std::uint64_t bytes = 0;
        bool source_ended = false; ///< no more bytes will be read
        bool close_sent = false;   ///< our Close is in `waiting` or written: nothing follows it
        bool finished = false;     ///< nothing more is written towards `to` but the end
        bool end_written = false;  ///< shut down towards `to`
    };

    void on_ready() override { pump_both(); }
    void on_turn_end() override { pump_both(); }
    void on_deadline() override;

    /// False: the connection is broken.
    [[nodiscard]] bool pump(direction& way, bool to_client);
    [[nodiscard]] bool write_waiting(direction& way);
    [[nodiscard]] bool forward(direction& way, std::string_view bytes, bool to_client);
    void add_close(direction& way, bool to_client);
    void pump_both();
    /// What came first is why it ended.
    void ended_by(tunnel_end why) noexcept;
    [[nodiscard]] bool done() const noexcept;
    [[nodiscard]] bool closes_written() const noexcept;
    void end();
    void arm();
    [[nodiscard]] std::chrono::milliseconds until_expiry() const;

    worker_context& owner_;
    direction up_;   ///< client to upstream
    direction down_; ///< upstream to client
    tunnel_options options_;
    access_record record_;
    std::chrono::steady_clock::time_point started_;
    deadline limit_; ///< expiry; while closing: the grace time
    deadline idle_;
    deadline stalled_;
    std::chrono::steady_clock::time_point last_activity_;
    std::uint16_t close_code_ = 0; ///< not 0: closing
    std::string close_reason_;
    bool awaiting_answer_ = false;
    std::optional<tunnel_end> why_; ///< nothing: open
    address_counts::slot slot_;     ///< of the client's address
    counted client_open_;
    counted upstream_open_;
    counted server_open_;
    counted websocket_open_;
};

} // namespace bearward::proxy

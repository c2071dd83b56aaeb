// An open WebSocket: bytes pass untouched both ways, with back-pressure and
// bounded memory (proxy/BEHAVIOUR.md 9.11). Bearward can put a Close between two frames, to
// both sides. No coroutine: an idle tunnel is only this object.
#pragma once

#include "policies/clock.hpp"
#include "policies/close_code.hpp"
#include "proxy/address_counts.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/exchange/kept_handshake.hpp"
#include "proxy/guard_list.hpp"
#include "proxy/socket_registry.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/request_counters.hpp"
#include "proxy/telemetry/span_record.hpp"
#include "proxy/websocket/frame_gate.hpp"
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
    std::chrono::milliseconds idle_timeout{0};                           ///< 0: none
    std::chrono::milliseconds max_lifetime{0};                           ///< 0: none
    std::chrono::milliseconds write_timeout{0};                          ///< of a peer that does not read; 0: none
    std::optional<policies::time_point> expires;                         ///< exp + clock_skew; nothing: never
    std::uint16_t expiry_code = policies::close_code::policy_violation;  ///< of the Close then
    std::uint16_t revoked_code = policies::close_code::policy_violation; ///< of the Close once the token is revoked
    websocket::frame_limits from_client{};
    websocket::frame_limits from_server{};
    tunnel_counts counts;
};

/// What an open WebSocket is counted by, for limits.
struct tunnel_slots {
    address_counts::slot address{};
    address_counts::slot user{};
    socket_registry::slot name{}; ///< taken: its token can be renewed
};

class tunnel final : public readiness_listener,
                     public turn_listener,
                     public deadline_listener,
                     public guarded,
                     public renewable,
                     public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    /// `from_client` and `from_server`: bytes that were read behind the handshakes.
    tunnel(worker_context& owner, stream_ptr client, stream_ptr server, std::string_view from_client, std::string_view from_server,
           const tunnel_options& options, standing by, access_record record, std::chrono::steady_clock::time_point started,
           tunnel_slots slots);
    ~tunnel();
    tunnel(const tunnel&) = delete;
    tunnel& operator=(const tunnel&) = delete;

    /// Begins to relay. May remove itself from its worker, and so destroy this.
    void start();
    /// What is kept to judge it again. Before start().
    void keep(std::unique_ptr<kept_handshake> handshake) { handshake_ = std::move(handshake); }
    /// What its span begins with. Before start().
    void keep(std::unique_ptr<request_span> span) { span_ = std::move(span); }
    /// Puts a Close between two frames on both sides, then ends. Idempotent.
    void close(std::uint16_t code, std::string_view reason, tunnel_end why);
    /// Ends at once.
    void abort();

private:
    /// Of a way whose frames are limited.
    struct limited {
        websocket::frame_gate gate;
        std::string held{}; ///< of a header that has not come whole, and is not sent on
    };
    /// One way of the relay.
    struct direction {
        stream_ptr from;
        stream_ptr to;
        websocket::frame_scanner scanner;
        std::string waiting; ///< read but not yet written: at most one read and a Close
        std::unique_ptr<limited> limits{};
        std::uint64_t bytes = 0;
        websocket_traffic* traffic = nullptr; ///< where it is counted
        bool source_ended = false;            ///< no more bytes will be read
        bool close_sent = false;              ///< our Close is in `waiting` or written: nothing follows it
        bool finished = false;                ///< nothing more is written towards `to` but the end
        bool end_written = false;             ///< shut down towards `to`
    };

    void on_ready() override { pump_both(); }
    void on_turn_end() override { pump_both(); }
    void on_deadline() override;
    void on_revoked(const policies::refusal& why) override;
    void on_new_rules() override;
    [[nodiscard]] renewal_outcome renew(const renewal_order& with) override;
    [[nodiscard]] const std::string& route_name() const noexcept override { return record_.route; }

    /// False: the connection is broken.
    [[nodiscard]] bool pump(direction& way, bool to_client);
    [[nodiscard]] bool write_waiting(direction& way);
    [[nodiscard]] bool forward(direction& way, std::string_view bytes, bool to_client);
    static void begin(direction& way, const websocket::frame_limits& limits, std::string_view early);
    /// Keeps in mind, and counts, what goes this way.
    static void follow(direction& way, std::string_view bytes) noexcept;
    /// Forwards what has come, as far as the limits of the way let it.
    [[nodiscard]] bool take(direction& way, std::string_view bytes, bool to_client);
    /// Decides on a Close; it is added where a frame ends.
    void begin_close(std::uint16_t code, std::string_view reason, tunnel_end why);
    void add_close(direction& way, bool to_client);
    void pump_both();
    /// What came first is why it ended.
    void ended_by(tunnel_end why) noexcept;
    [[nodiscard]] bool done() const noexcept;
    [[nodiscard]] bool closes_written() const noexcept;
    void end();
    void arm();
    /// Until the token expires or the longest life is over, whichever is first; at least 1 ms.
    [[nodiscard]] std::chrono::milliseconds until_limit() const;
    void arm_limit();

    worker_context& owner_;
    direction up_;   ///< client to upstream
    direction down_; ///< upstream to client
    tunnel_options options_;
    access_record record_;
    std::chrono::steady_clock::time_point started_;
    deadline limit_; ///< expiry or the longest life; while closing: the grace time
    deadline idle_;
    deadline stalled_;
    std::chrono::steady_clock::time_point last_activity_;
    std::uint16_t close_code_ = 0; ///< not 0: closing
    std::string close_reason_;
    bool awaiting_answer_ = false;
    std::optional<tunnel_end> why_;             ///< nothing: open
    std::unique_ptr<kept_handshake> handshake_; ///< null: it is not judged again
    std::unique_ptr<request_span> span_;        ///< null: its trace is not sampled
    tunnel_slots slots_;
    counted client_open_;
    counted upstream_open_;
    counted server_open_;
    counted websocket_open_;
};

} // namespace bearward::proxy

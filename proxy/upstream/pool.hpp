// Connections of one worker to one server: made, kept warm, reused newest first
// (proxy/BEHAVIOUR.md 6; RFC 9112 section 9.3).
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/telemetry/request_counters.hpp"
#include "proxy/upstream/balancer.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/upstream/ejection.hpp"
#include "proxy/upstream/handshake.hpp"
#include "proxy/upstream/pool_state.hpp"
#include "proxy/upstream/resolver.hpp"
#include "proxy/upstream/server_settings.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::upstream {

class pool;

/// One connection to a server. While it is idle it listens for a close or for
/// bytes that nobody asked for, and is thrown away for either. Some rest before
/// they are idle (pool_state).
class connection final : public readiness_listener,
                         public deadline_listener,
                         public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    connection(pool& owner, stream_ptr made, std::uint32_t address);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    [[nodiscard]] stream& peer() noexcept { return *stream_; }
    [[nodiscard]] stream_ptr share_stream() noexcept { return stream_; }
    /// Whether it has served a request before: it may be dead without our knowing.
    [[nodiscard]] bool reused() const noexcept { return reused_; }
    [[nodiscard]] pool& owner() const noexcept { return *owner_; }
    /// The socket belongs to somebody else now: don't close it.
    void detach() noexcept { stream_.reset(); }

private:
    friend class pool;
    void on_ready() override;
    void on_deadline() override;

    pool* owner_;
    stream_ptr stream_;
    deadline idle_;
    counted open_; ///< among the idle or the active ones of the upstream
    std::optional<counted> busy_;
    std::uint32_t address_; ///< resolver's number of it
    bool reused_ = false;
    bool resting_ = false;
    bool bodiless_ = false; ///< one of its responses had no body, by its status: one may still come
};

/// A borrowed connection. Closed at its end unless it was given back.
class lease {
public:
    lease() = default;
    explicit lease(std::unique_ptr<connection> held) : held_(std::move(held)) {}

    [[nodiscard]] connection& operator*() const noexcept { return *held_; }
    [[nodiscard]] connection* operator->() const noexcept { return held_.get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return held_ != nullptr; }
    /// The response was read to its end. Whether the connection serves again, and
    /// when, follows from what is known of the request and its response.
    void give_back(const served_request& last);
    void discard() noexcept { held_.reset(); }

private:
    std::unique_ptr<connection> held_;
};

/// Which idle connections will do.
enum class pooled : std::uint8_t {
    any,     ///< nothing is asked of the kernel: a dead one shows when it is used
    checked, ///< the kernel is asked whether it is alive
    none,    ///< a new one
};

/// Belongs to one worker's thread.
class pool {
public:
    /// `tls`: null when plain.
    pool(connect_context with, pool_settings settings, upstream_counters& counts, std::shared_ptr<const tls::client_context> tls);
    ~pool();
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    /// The most recently used idle connection that will do; empty when there is none.
    [[nodiscard]] lease take_idle(pooled which);
    /// A new connection, within connect_timeout for each address. Its outcome counts for how().
    [[nodiscard]] awaitable<std::expected<lease, connect_error>> connect();

    /// A request's connection ended without a byte of an answer. The server may be
    /// about to end, so what is idle isn't trusted any more.
    void note_death() noexcept;

    /// A request to it failed; for /status.
    void note_error(std::string_view cause) { status_->failed(cause); }
    void note_answer() noexcept { status_->answered(); }
    /// When any thread last connected to the server.
    [[nodiscard]] steady_time last_connected() const noexcept { return status_->last_connected(); }

    [[nodiscard]] standing how(steady_time now) noexcept;
    /// Requests, WebSockets and connects under way. Shared: it outlives the pool where a WebSocket does.
    [[nodiscard]] const std::shared_ptr<gauge>& busy() const noexcept { return busy_; }

    /// With what it was made: a reload that wants the same keeps it.
    [[nodiscard]] const pool_settings& settings() const noexcept { return settings_; }
    /// Its address as configured.
    [[nodiscard]] const std::string& server() const noexcept { return settings_.server.address.text; }
    /// Its name as a Host header has it.
    [[nodiscard]] std::string_view host() const noexcept { return settings_.server.host(); }

private:
    friend class connection;
    friend class lease;
    using connections = boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>>;

    void keep(std::unique_ptr<connection> used, const served_request& last);
    /// Whether something has come on a connection that should be silent, or its end.
    [[nodiscard]] bool is_disturbed(connection& silent) noexcept;
    void end_rest(connection& rested) noexcept;
    void drop(connection& idle) noexcept;
    /// Idle connections to addresses that are the server's no more.
    void drop_strays() noexcept;
    [[nodiscard]] awaitable<std::expected<lease, connect_error>> try_addresses();
    [[nodiscard]] connect_error name_server(connect_error failure, const address* tried) const;

    connect_context with_;
    pool_settings settings_;
    upstream_counters& counts_;
    std::shared_ptr<gauge> busy_ = std::make_shared<gauge>();
    std::optional<tls_target> tls_;
    resolver resolver_;
    ejection ejection_;
    std::shared_ptr<server_status> status_;
    connections idle_;
    connections resting_;
    std::size_t idle_count_ = 0; ///< in both
};

} // namespace bearward::proxy::upstream

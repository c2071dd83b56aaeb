// Connections of one worker to one upstream server: made, kept warm, reused
// newest first (contract 5; RFC 9112 section 9.3).
#pragma once

#include "config/settings.hpp"
#include "proxy/control/request_counters.hpp"
#include "proxy/deadline_wheel.hpp"
#include "proxy/readiness.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/upstream/resolver.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

namespace bearward::proxy::upstream {

class pool;

/// One connection to a server. While it is idle it listens for a close or for
/// bytes that nobody asked for, and is thrown away for either.
class connection final : public readiness_listener,
                         public deadline_listener,
                         public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    connection(pool& owner, stream_ptr made);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    [[nodiscard]] stream& peer() noexcept { return *stream_; }
    [[nodiscard]] stream_ptr share_stream() noexcept { return stream_; }
    /// Whether it has served a request before: it may be dead without our knowing.
    [[nodiscard]] bool reused() const noexcept { return reused_; }
    /// The socket belongs to somebody else now: don't close it.
    void detach() noexcept { stream_.reset(); }

private:
    friend class pool;
    void on_ready() override;
    void on_deadline() override;

    pool* owner_;
    stream_ptr stream_;
    deadline idle_;
    counted open_; ///< among the idle or the active ones
    bool reused_ = false;
    bool idle_listed_ = false;
};

/// A borrowed connection. Closed at its end unless it was given back clean.
class lease {
public:
    lease() = default;
    explicit lease(std::unique_ptr<connection> held) : held_(std::move(held)) {}

    [[nodiscard]] connection& operator*() const noexcept { return *held_; }
    [[nodiscard]] connection* operator->() const noexcept { return held_.get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return held_ != nullptr; }
    /// The last response was read to its end and nothing follows: keep it.
    void give_back(pool& to);
    void discard() noexcept { held_.reset(); }

private:
    std::unique_ptr<connection> held_;
};

/// Belongs to one worker's thread.
class pool {
public:
    pool(asio::io_context& context, deadline_wheel& wheel, const config::upstream_settings& settings, const config::endpoint& server,
         upstream_counters& counts);
    ~pool();
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    /// The most recently used idle connection; empty when there is none.
    [[nodiscard]] lease take_idle();
    /// A new connection, within connect_timeout.
    [[nodiscard]] awaitable<std::expected<lease, connect_error>> connect();

    /// Ends the attempts to connect that are under way (stop).
    void cancel_connects() noexcept;

    /// Whether these settings are its own: then a reload keeps it.
    [[nodiscard]] bool serves(const config::upstream_settings& wanted) const noexcept;

    [[nodiscard]] const std::string& server() const noexcept { return server_.text; }
    [[nodiscard]] const config::upstream_settings& settings() const noexcept { return settings_; }
    [[nodiscard]] std::size_t idle() const noexcept { return idle_count_; }
    [[nodiscard]] upstream_counters& counts() const noexcept { return counts_; }

private:
    friend class connection;
    friend class lease;
    void keep(std::unique_ptr<connection> clean);
    void drop(connection& idle) noexcept;

    asio::io_context& context_;
    deadline_wheel& wheel_;
    config::upstream_settings settings_;
    config::endpoint server_;
    upstream_counters& counts_;
    resolver resolver_;
    boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> idle_;
    std::size_t idle_count_ = 0;
    attempts under_way_;
};

} // namespace bearward::proxy::upstream

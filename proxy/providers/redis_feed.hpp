// The revocations that one Redis holds (policies/BEHAVIOUR.md 12): a copy of its sorted set,
// kept up to date by its channel, asked by every worker; and what is added to it.
//
// The channel is listened to before the set is read, so nothing is missed between the two;
// what it says while the set is read wins over what is read. ZSCAN gives every member that
// is there all the time, whatever else changes meanwhile; paging by score or rank does not.
#pragma once

#include "config/redis_settings.hpp"
#include "policies/tokens/shared_revocations.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/providers/redis_connection.hpp"
#include "proxy/providers/redis_messages.hpp"
#include "proxy/providers/revocation_order.hpp"
#include "proxy/upstream/attempts.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace bearward::proxy::providers {

/// What /status and the metrics say.
struct redis_feed_status {
    std::string address;
    bool current = false;      ///< it was read whole, and changes come as they are made
    std::size_t entries = 0;   ///< that are known
    std::uint64_t refused = 0; ///< malformed members and changes that were left out
    std::string last_error;    ///< empty: none since it became current
};

/// Belongs to the thread of its context but for what says otherwise.
class redis_feed final : public deadline_listener {
public:
    /// `readers`: how many workers ask. Throws std::runtime_error when OpenSSL refuses certificates.
    redis_feed(asio::io_context& context, deadline_wheel& wheel, upstream::directory& known, config::redis_settings settings,
               std::size_t readers);
    redis_feed(const redis_feed&) = delete;
    redis_feed& operator=(const redis_feed&) = delete;

    /// Called when more may be revoked than before. Before run().
    void on_change(std::function<void()> tell) { tell_ = std::move(tell); }
    /// Keeps the copy up to date until stop().
    [[nodiscard]] static awaitable<> run(std::shared_ptr<redis_feed> self);
    void stop();
    /// Has an order added to the set and told to everybody.
    static void keep(const std::shared_ptr<redis_feed>& self, revocation_order order, revocation_answer done);

    /// The copy, which outlives this where somebody holds it. Any thread.
    [[nodiscard]] std::shared_ptr<const policies::tokens::revocation_feed> known() const noexcept { return known_; }
    /// Constant: a reload that wants the same keeps it. Any thread.
    [[nodiscard]] const config::redis_settings& settings() const noexcept { return settings_; }
    /// Any thread.
    [[nodiscard]] redis_feed_status status() const;

private:
    using clock = std::chrono::steady_clock;

    /// The two connections of one time without interruption.
    struct session {
        upstream::attempts under_way;
        waiter joined;
        bool listening = false;
        std::string fault; ///< of the one that listens
    };
    struct waiting_order {
        revocation_order order;
        revocation_answer done;
    };

    [[nodiscard]] upstream::connect_context context_of(upstream::attempts& among) noexcept { return {context_, wheel_, among, names_}; }
    [[nodiscard]] awaitable<std::expected<std::unique_ptr<redis_connection>, std::string>> open(upstream::attempts& among);
    /// Returns why the connections are lost.
    [[nodiscard]] static awaitable<std::string> hold(std::shared_ptr<redis_feed> self, std::shared_ptr<session> now);
    [[nodiscard]] static awaitable<> listen(std::shared_ptr<redis_feed> self, std::shared_ptr<session> now, redis_connection& heard);
    [[nodiscard]] awaitable<std::string> hear_messages(session& now, redis_connection& heard);
    [[nodiscard]] awaitable<std::string> subscribe(redis_connection& heard);
    [[nodiscard]] awaitable<std::string> serve(session& now, redis_connection& asked);
    [[nodiscard]] awaitable<std::string> read_whole(redis_connection& asked);
    [[nodiscard]] awaitable<> pause();

    [[nodiscard]] bool is_full() const noexcept;
    [[nodiscard]] static std::string too_many();
    void take_page(const set_page& page);
    void take_change(std::string_view payload);
    void refuse(std::string_view member, std::string_view why);
    void become_current();
    void note_fault(std::string fault);
    /// It has been away for too long.
    void on_deadline() override;

    [[nodiscard]] static awaitable<> write(std::shared_ptr<redis_feed> self);
    [[nodiscard]] awaitable<std::expected<void, std::string>> add(redis_connection& asked, const revocation_order& order);
    void answer_waiting(const std::string& fault);

    asio::io_context& context_;
    deadline_wheel& wheel_;
    upstream::directory& names_;
    const config::redis_settings settings_;
    const std::string key_;                     ///< of the set and the channel
    std::shared_ptr<upstream::tls_target> tls_; ///< null: plain
    std::shared_ptr<policies::tokens::revocation_feed> known_;
    std::function<void()> tell_ = [] {};
    upstream::attempts under_way_;
    std::shared_ptr<session> session_;
    deadline grace_;
    unsigned failures_ = 0; ///< in a row
    bool fault_logged_ = false;
    bool stopped_ = false;
    unsigned told_ = 0; ///< refused members that were logged since the set was read last
    std::minstd_rand random_{std::random_device{}()};
    std::deque<waiting_order> orders_;
    bool writing_ = false;

    std::atomic<std::uint64_t> refused_{0};
    mutable std::mutex mutex_; ///< guards last_error_
    std::string last_error_;
};

} // namespace bearward::proxy::providers

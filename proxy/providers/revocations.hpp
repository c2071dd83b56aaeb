// What this process knows of revoked credentials besides the files that its
// configuration names: kept through reloads, asked by every worker.
#pragma once

#include "config/configuration.hpp"
#include "policies/tokens/revocation_store.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/net.hpp"
#include "proxy/providers/redis_feed.hpp"
#include "proxy/providers/revocation_order.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::proxy::providers {

/// Thread-safe but for what says otherwise.
class revocations final : public deadline_listener {
public:
    /// `readers`: how many workers ask. Runs on the thread of `context`.
    revocations(asio::io_context& context, upstream::directory& known, std::size_t readers);
    revocations(const revocations&) = delete;
    revocations& operator=(const revocations&) = delete;

    /// Sources that are made for a configuration. One that isn't adopted ends with this.
    class plan {
    public:
        plan() = default;
        plan(plan&&) = default;
        plan& operator=(plan&&) = delete;
        ~plan();

    private:
        friend class revocations;
        struct provider {
            std::string name;
            std::shared_ptr<redis_feed> feed; ///< null: what is ordered is kept in this process
        };
        std::vector<provider> providers; ///< whose credentials can be revoked
        std::vector<std::string> others;
        std::vector<std::shared_ptr<redis_feed>> feeds; ///< each once
        std::vector<std::shared_ptr<redis_feed>> added;
        asio::io_context* context = nullptr;
    };

    /// The providers of these rules ask what is kept here: of sources at hand that are the same,
    /// and new ones, which begin to read. Before the rules are served. Throws std::runtime_error
    /// when OpenSSL refuses certificates.
    [[nodiscard]] plan prepare(const config::configuration& settings);
    /// Waits until new sources were read or can't be reached, 2 s at most. Not on the thread of the context.
    static void wait(const plan& made);
    /// These count from now on; others end.
    void adopt(plan made);
    /// As wait(), of those that count, where no thread runs the context yet: runs it meanwhile.
    void run_until_read();
    /// Has an order kept for as long as it says. On the thread of the context.
    void keep(const revocation_order& order, revocation_answer done);
    /// Has all of them kept; `done` gets whether they are, on the thread of the context. On any thread.
    void keep_all(std::vector<revocation_order> orders, std::function<void(bool)> done);
    /// keep(), for the admin listener; not beyond this.
    [[nodiscard]] revocation_request request() {
        return [this](const revocation_order& order, revocation_answer done) { keep(order, std::move(done)); };
    }
    /// Called on the thread of the context when more may be revoked than before. Before prepare().
    void on_change(std::function<void()> tell) { tell_ = std::move(tell); }
    /// Ends all. On the thread of the context.
    void stop();

    /// Entries that were ordered and are kept in this process alone.
    [[nodiscard]] std::size_t local_size() const noexcept { return local_->size(); }
    /// Of each Redis.
    [[nodiscard]] std::vector<redis_feed_status> statuses() const;
    /// For /status.
    [[nodiscard]] boost::json::object describe() const;

private:
    void on_deadline() override;
    /// Who keeps an order of the providers in force.
    struct keepers {
        std::vector<std::shared_ptr<redis_feed>> feeds;
        std::vector<std::string> here; ///< the providers of which this process keeps it
    };
    /// Error: why the order means nothing. `provider` empty: all.
    [[nodiscard]] std::expected<keepers, std::string> find_keepers(std::string_view provider) const;
    /// False: too much is kept already.
    [[nodiscard]] bool keep_here(const revocation_order& order, const keepers& who);

    asio::io_context& context_;
    upstream::directory& known_;
    std::size_t readers_;
    std::shared_ptr<policies::tokens::revocation_store> local_;
    deadline_wheel wheel_;
    deadline cleaning_;
    std::function<void()> tell_ = [] {};
    mutable std::mutex mutex_; ///< guards what follows
    std::vector<plan::provider> providers_;
    std::vector<std::string> others_; ///< providers whose credentials can't be revoked
    std::vector<std::shared_ptr<redis_feed>> feeds_;
};

} // namespace bearward::proxy::providers

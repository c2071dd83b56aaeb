// What is added to the set: redis_feed's other half.
#include "policies/text.hpp"
#include "proxy/providers/redis_feed.hpp"
#include "proxy/telemetry/report_failure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

namespace bearward::proxy::providers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds answer_timeout{2'000};
constexpr std::size_t most_waiting = 1'000;
/// Entries go a while after their end: other processes' clocks may be behind.
constexpr std::chrono::seconds clocks_apart{60};

void report(const std::exception_ptr& failure) {
    report_failure("revocations for Redis", failure);
}

} // namespace

void redis_feed::keep(const std::shared_ptr<redis_feed>& self, revocation_order order, revocation_answer done) {
    if (self->orders_.size() >= most_waiting) {
        done({revocation_outcome::kind::unavailable, "too many revocations wait for Redis"});
        return;
    }
    self->orders_.push_back({std::move(order), std::move(done)});
    if (!std::exchange(self->writing_, true)) {
        asio::co_spawn(self->context_, write(self), report);
    }
}

/// One connection for all that waits.
awaitable<> redis_feed::write(std::shared_ptr<redis_feed> self) {
    auto asked = co_await self->open(self->under_way_);
    std::string fault = asked ? std::string() : asked.error();
    while (fault.empty() && !self->orders_.empty() && !self->stopped_) {
        waiting_order next = std::move(self->orders_.front());
        self->orders_.pop_front();
        auto added = co_await self->add(**asked, next.order);
        if (added) {
            next.done({revocation_outcome::kind::kept, {}});
        } else {
            fault = std::move(added).error();
            self->orders_.push_front(std::move(next));
        }
    }
    self->writing_ = false;
    self->answer_waiting(fault);
}

void redis_feed::answer_waiting(const std::string& fault) {
    std::deque<waiting_order> waiting;
    waiting.swap(orders_);
    const std::string why = "Redis " + settings_.address.value.text + ": " + (fault.empty() ? "the process stops" : fault);
    if (!waiting.empty()) {
        spdlog::error("orders of revocation: {}", why);
    }
    for (const waiting_order& each : waiting) {
        each.done({revocation_outcome::kind::unavailable, why});
    }
}

/// Of the same member the longer term counts. The set first: who reads it after the message
/// finds the member, who read it before gets the message. What has run out goes with it.
awaitable<std::expected<void, std::string>> redis_feed::add(redis_connection& asked, const revocation_order& order) {
    const std::string member = to_member(order.entry);
    auto added = co_await asked.ask({"ZADD", key_, "GT", policies::tokens::to_score(order.until), member}, answer_timeout);
    if (!added) {
        co_return std::unexpected(std::move(added).error());
    }
    auto score = co_await asked.ask({"ZSCORE", key_, member}, answer_timeout);
    if (!score) {
        co_return std::unexpected(std::move(score).error());
    }
    const auto until = policies::tokens::parse_revocation_score(score->text);
    if (score->what != resp_value::kind::text || !until) {
        co_return std::unexpected(std::string("ZSCORE: the member that was added is not there"));
    }
    auto told = co_await asked.ask({"PUBLISH", key_, score->text + ' ' + member}, answer_timeout);
    if (!told) {
        co_return std::unexpected(std::move(told).error());
    }
    const auto over = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - clocks_apart;
    auto removed = co_await asked.ask({"ZREMRANGEBYSCORE", key_, "-inf", std::to_string(over.time_since_epoch().count())}, answer_timeout);
    if (!removed) {
        spdlog::warn("Redis {}: what has run out stays: {}", settings_.address.value.text, removed.error());
    }
    known_->revoked.extend(order.entry, *until);
    tell_();
    co_return std::expected<void, std::string>();
}

} // namespace bearward::proxy::providers

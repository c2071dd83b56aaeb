#include "proxy/providers/revocations.hpp"

#include "policies/text.hpp"
#include "policies/tokens/shared_revocations.hpp"
#include "proxy/random_hash_key.hpp"
#include "proxy/telemetry/report_failure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>
#include <variant>

namespace bearward::proxy::providers {
namespace {

using policies::in_quotes;
using policies::tokens::revocation_store;
using kind = revocation_outcome::kind;

constexpr std::chrono::seconds cleaning_pace{30};
constexpr std::chrono::seconds longest_first_reading{2};
constexpr std::chrono::milliseconds between_looks{10};
/// An operator's orders: more are a mistake in a script.
constexpr std::size_t most_local = 1'000'000;

policies::time_point now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// What the configuration lists key by key is taken out of it instead.
bool can_be_revoked(const policies::provider& by) noexcept {
    return !std::holds_alternative<policies::api_key_provider>(by.how);
}

void report(const std::exception_ptr& failure) {
    report_failure("a source of revocations", failure);
}

bool was_tried(const std::shared_ptr<redis_feed>& feed) {
    const redis_feed_status now = feed->status();
    return now.current || !now.last_error.empty();
}

void stop_later(asio::io_context& context, std::shared_ptr<redis_feed> feed) {
    asio::post(context, [feed = std::move(feed)] { feed->stop(); });
}

} // namespace

revocations::revocations(asio::io_context& context, upstream::directory& known, std::size_t readers)
    : context_(context), known_(known), readers_(readers),
      local_(std::make_shared<revocation_store>(revocation_store::key{random_hash_key(), random_hash_key()}, readers)), wheel_(context),
      cleaning_(wheel_, *this) {}

revocations::plan::~plan() {
    for (auto& each : added) {
        stop_later(*context, std::move(each));
    }
}

revocations::plan revocations::prepare(const config::configuration& settings) {
    plan made;
    made.context = &context_;
    const auto& all = settings.rules->providers;
    const std::lock_guard lock(mutex_);
    for (std::size_t index = 0; index < all.size(); ++index) {
        const std::string& name = all[index].rules.provider;
        if (!can_be_revoked(all[index])) {
            made.others.push_back(name);
            continue;
        }
        auto& elsewhere = *all[index].revoked_elsewhere;
        elsewhere.local = local_;
        const auto wanted = index < settings.revocation_redis.size() ? settings.revocation_redis[index] : std::nullopt;
        if (!wanted) {
            made.providers.push_back({name, nullptr});
            continue;
        }
        const auto same = [&](const std::shared_ptr<redis_feed>& each) { return each->settings() == *wanted; };
        auto feed = std::ranges::find_if(made.feeds, same);
        if (feed == made.feeds.end()) {
            const auto before = std::ranges::find_if(feeds_, same);
            if (before == feeds_.end()) {
                made.added.push_back(std::make_shared<redis_feed>(context_, wheel_, known_, *wanted, readers_));
                made.added.back()->on_change(tell_);
            }
            made.feeds.push_back(before == feeds_.end() ? made.added.back() : *before);
            feed = made.feeds.end() - 1;
        }
        elsewhere.feed = (*feed)->known();
        elsewhere.needs_feed = wanted->fail == config::redis_failure::closed;
        made.providers.push_back({name, *feed});
    }
    for (const auto& each : made.added) {
        asio::post(context_, [this, each] { asio::co_spawn(context_, redis_feed::run(each), report); });
    }
    return made;
}

void revocations::wait(const plan& made) {
    const auto end = std::chrono::steady_clock::now() + longest_first_reading;
    while (!std::ranges::all_of(made.added, was_tried) && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(between_looks);
    }
}

void revocations::adopt(plan made) {
    made.added.clear();
    const std::lock_guard lock(mutex_);
    for (const auto& each : feeds_) {
        if (std::ranges::find(made.feeds, each) == made.feeds.end()) {
            stop_later(context_, each);
        }
    }
    feeds_ = std::move(made.feeds);
    providers_ = std::move(made.providers);
    others_ = std::move(made.others);
}

void revocations::run_until_read() {
    const auto end = std::chrono::steady_clock::now() + longest_first_reading;
    const std::vector<std::shared_ptr<redis_feed>> feeds = [this] {
        const std::lock_guard lock(mutex_);
        return feeds_;
    }();
    while (!std::ranges::all_of(feeds, was_tried) && std::chrono::steady_clock::now() < end) {
        context_.run_one_for(between_looks);
    }
}

std::expected<revocations::keepers, std::string> revocations::find_keepers(std::string_view provider) const {
    const std::lock_guard lock(mutex_);
    if (providers_.empty()) {
        return std::unexpected(std::string("no provider's credentials can be revoked"));
    }
    keepers found;
    for (const auto& each : providers_) {
        if (!provider.empty() && each.name != provider) {
            continue;
        }
        if (each.feed == nullptr) {
            found.here.push_back(each.name);
        } else if (std::ranges::find(found.feeds, each.feed) == found.feeds.end()) {
            found.feeds.push_back(each.feed);
        }
    }
    if (!found.here.empty() || !found.feeds.empty()) {
        return found;
    }
    if (std::ranges::find(others_, provider) != others_.end()) {
        return std::unexpected("provider: the credentials of " + in_quotes(provider) + " are revoked in the configuration");
    }
    const auto quoted = [](const plan::provider& each) { return in_quotes(each.name); };
    return std::unexpected("provider: there is no " + in_quotes(provider) + "; there are " + policies::listed(providers_, quoted));
}

/// The process keeps its part last: where one Redis can't be reached it keeps nothing either.
void revocations::keep(const revocation_order& order, revocation_answer done) {
    auto found = find_keepers(order.entry.provider);
    if (!found) {
        done({kind::refused, std::move(found).error()});
        return;
    }
    struct pending {
        keepers who;
        std::size_t left;
        std::string fault;
    };
    const auto open = std::make_shared<pending>(*std::move(found), 0, std::string());
    open->left = open->who.feeds.size();
    const auto end = [this, open, order, done = std::move(done)] {
        if (open->fault.empty() && !keep_here(order, open->who)) {
            open->fault = "too many revocations are kept already";
        }
        if (open->fault.empty()) {
            spdlog::info("{}: one {} of {} counts no longer", order.by, to_string(order.entry.what.kind),
                         order.entry.provider.empty() ? "every provider" : order.entry.provider);
        }
        done({open->fault.empty() ? kind::kept : kind::unavailable, open->fault});
    };
    if (open->left == 0) {
        end();
        return;
    }
    for (const auto& each : open->who.feeds) {
        redis_feed::keep(each, order, [open, end](revocation_outcome outcome) {
            if (outcome.what != kind::kept) {
                open->fault = std::move(outcome.why);
            }
            if (--open->left == 0) {
                end();
            }
        });
    }
}

void revocations::keep_all(std::vector<revocation_order> orders, std::function<void(bool)> done) {
    struct pending {
        std::size_t left;
        bool kept = true;
        std::function<void(bool)> done;
    };
    asio::post(context_, [this, orders = std::move(orders), done = std::move(done)]() mutable {
        const auto open = std::make_shared<pending>(orders.size(), true, std::move(done));
        for (const revocation_order& each : orders) {
            keep(each, [open, by = each.by](const revocation_outcome& outcome) {
                if (outcome.what != kind::kept) {
                    spdlog::error("{}: nothing is revoked: {}", by, outcome.why);
                    open->kept = false;
                }
                if (--open->left == 0) {
                    open->done(open->kept);
                }
            });
        }
    });
}

/// Of several providers, those of a Redis are left to it, so that what is taken back there is.
bool revocations::keep_here(const revocation_order& order, const keepers& who) {
    bool kept = true;
    if (!who.here.empty() && (who.feeds.empty() || !order.entry.provider.empty())) {
        kept = local_->extend(order.entry, order.until, most_local);
    } else {
        policies::tokens::revocation_entry entry = order.entry;
        for (const std::string& each : who.here) {
            entry.provider = each;
            kept = local_->extend(entry, order.until, most_local) && kept;
        }
    }
    tell_();
    if (local_->size() != 0 && !cleaning_.armed()) {
        cleaning_.arm(cleaning_pace);
    }
    return kept;
}

std::vector<redis_feed_status> revocations::statuses() const {
    std::vector<redis_feed_status> all;
    const std::lock_guard lock(mutex_);
    all.reserve(feeds_.size());
    for (const auto& each : feeds_) {
        all.push_back(each->status());
    }
    return all;
}

boost::json::object revocations::describe() const {
    boost::json::array redis;
    for (const redis_feed_status& each : statuses()) {
        redis.push_back({{"address", each.address},
                         {"current", each.current},
                         {"entries", each.entries},
                         {"last_error", each.last_error.empty() ? boost::json::value(nullptr) : boost::json::value(each.last_error)}});
    }
    return {{"local", local_size()}, {"redis", std::move(redis)}};
}

void revocations::on_deadline() {
    local_->drop_expired(now());
    if (local_->size() != 0) {
        cleaning_.arm(cleaning_pace);
    }
}

void revocations::stop() {
    std::vector<std::shared_ptr<redis_feed>> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(feeds_);
        providers_.clear();
    }
    for (const auto& each : ended) {
        each->stop();
    }
    wheel_.close();
}

} // namespace bearward::proxy::providers

#include "proxy/providers/key_sources.hpp"

#include "proxy/telemetry/report_failure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace bearward::proxy::providers {
namespace {

void report(const std::exception_ptr& failure) {
    report_failure("a key source", failure);
}

void stop_later(asio::io_context& context, std::shared_ptr<key_source> source) {
    asio::post(context, [source = std::move(source)] { source->stop(); });
}

/// What the keys of this source verify.
const std::shared_ptr<policies::tokens::key_ring>& ring_of(const policies::snapshot& rules, const config::key_source_settings& source) {
    if (source.of_events) {
        const auto tells = std::ranges::find_if(rules.receivers, [&](const policies::revocation_receiver& each) {
            return each.takes == policies::revocation_receiver::kind::events && each.signer.rules.provider == source.provider;
        });
        return std::get<policies::jwt_provider>(tells->signer.how).keys;
    }
    const auto of = std::ranges::find(rules.providers, source.provider, [](const policies::provider& one) { return one.rules.provider; });
    return std::get<policies::jwt_provider>(of->how).keys;
}

} // namespace

key_sources::key_sources(asio::io_context& context, upstream::directory& known) : context_(context), known_(known), wheel_(context) {}

key_sources::plan::~plan() {
    for (auto& each : added) {
        stop_later(*context, std::move(each));
    }
}

std::shared_ptr<key_source> key_sources::find_same(const config::key_source_settings& wanted) const {
    const auto same = std::ranges::find_if(sources_, [&](const auto& each) { return each->settings() == wanted; });
    return same == sources_.end() ? nullptr : *same;
}

std::shared_ptr<key_source> key_sources::find_before(const config::key_source_settings& wanted) const {
    const auto before = std::ranges::find_if(sources_, [&](const auto& each) { return same_origin(each->settings(), wanted); });
    return before == sources_.end() ? nullptr : *before;
}

key_sources::plan key_sources::prepare(const config::configuration& settings) {
    plan made;
    made.context = &context_;
    const std::lock_guard lock(mutex_);
    std::erase_if(rings_, [](const ring_source& each) { return each.ring.expired(); });
    for (const config::key_source_settings& each : settings.key_sources) {
        const auto& ring = ring_of(*settings.rules, each);
        auto source = find_same(each);
        if (source == nullptr) {
            auto& counts = counts_[each.provider];
            counts = counts ? counts : std::make_shared<fetch_counts>();
            source = std::make_shared<key_source>(context_, wheel_, known_, each, counts, find_before(each).get());
            made.added.push_back(source);
        }
        source->publish_to(ring);
        rings_.push_back({ring, source});
        made.all.push_back(std::move(source));
    }
    for (const auto& each : made.added) {
        asio::post(context_, [this, each] { asio::co_spawn(context_, key_source::run(each), report); });
    }
    return made;
}

std::string key_sources::wait_for_keys(const plan& made, std::chrono::milliseconds at_most) const {
    const auto until = std::chrono::steady_clock::now() + at_most;
    for (const auto& each : made.added) {
        if (!each->settings().of_events && !each->wait_for_keys(until)) {
            const std::string why = each->status().last_error;
            return "provider " + each->settings().provider + " has no keys: " + (why.empty() ? "the fetch takes too long" : why);
        }
    }
    return {};
}

void key_sources::adopt(plan made) {
    made.added.clear();
    const std::lock_guard lock(mutex_);
    for (const auto& each : sources_) {
        if (std::ranges::find(made.all, each) == made.all.end()) {
            stop_later(context_, each);
        }
    }
    sources_ = std::move(made.all);
}

void key_sources::stop() {
    std::vector<std::shared_ptr<key_source>> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(sources_);
    }
    for (const auto& each : ended) {
        each->stop();
    }
    wheel_.close();
}

std::shared_ptr<key_source> key_sources::find_source(const policies::tokens::key_ring& ring) const {
    const std::lock_guard lock(mutex_);
    for (const ring_source& each : rings_) {
        if (each.ring.lock().get() == &ring) {
            return each.source.lock();
        }
    }
    return nullptr;
}

std::chrono::milliseconds key_sources::begin(const policies::need& what, ready_loop& on, std::function<void()> over) {
    const auto source = find_source(keys_of(*what.of));
    return source == nullptr ? std::chrono::milliseconds::zero() : key_source::begin(source, on, std::move(over));
}

std::optional<key_source_status> key_sources::status_of(std::string_view provider) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        sources_, [&](const auto& each) { return each->settings().provider == provider && !each->settings().of_events; });
    return found == sources_.end() ? std::nullopt : std::optional((*found)->status());
}

std::optional<std::string> key_sources::find_missing() const {
    const std::lock_guard lock(mutex_);
    for (const auto& each : sources_) {
        if (!each->settings().of_events && !each->has_keys()) {
            const std::string why = each->status().last_error;
            return "provider " + each->settings().provider + " has no keys" + (why.empty() ? " yet" : ": " + why);
        }
    }
    return std::nullopt;
}

std::vector<fetch_totals> key_sources::totals() const {
    std::vector<fetch_totals> all;
    const std::lock_guard lock(mutex_);
    all.reserve(counts_.size());
    for (const auto& [name, counts] : counts_) {
        all.push_back({name, counts->successes.load(std::memory_order_relaxed), counts->failures.load(std::memory_order_relaxed)});
    }
    return all;
}

} // namespace bearward::proxy::providers

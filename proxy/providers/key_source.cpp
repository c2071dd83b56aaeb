#include "proxy/providers/key_source.hpp"

#include "proxy/providers/fetch_schedule.hpp"
#include "proxy/providers/key_cache_file.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace bearward::proxy::providers {
namespace {

using std::chrono::milliseconds;

/// What a waiting request allows beyond the fetch's own time: the thread that fetches may be busy.
constexpr milliseconds slack{500};

/// After a fetch that took longer than min_refresh: who waited for it is judged by its outcome.
constexpr std::chrono::seconds shortest_rest{1};

policies::time_point wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

} // namespace

key_source::key_source(asio::io_context& context, deadline_wheel& wheel, upstream::directory& known, config::key_source_settings settings,
                       std::shared_ptr<fetch_counts> counts, const key_source* before)
    : context_(context), with_{context, wheel, under_way_, known}, settings_(std::move(settings)), counts_(std::move(counts)) {
    config::upstream_tls_settings tls;
    tls.ca = settings_.how.ca;
    tls.authorities = settings_.how.authorities;
    secure_ = std::make_shared<const tls::client_context>(tls, "TLS of the keys of provider " + settings_.provider);
    if (before != nullptr) {
        take_over(*before);
    }
    if (keys_ == nullptr && !settings_.how.cache_file.value.empty()) {
        take_kept_keys();
    }
}

void key_source::take_over(const key_source& before) {
    const std::lock_guard lock(before.mutex_);
    if (before.keys_ == nullptr || clock::now() >= *before.fetched_ + settings_.how.max_stale) {
        return;
    }
    if (auto keys = read_keys(settings_, before.text_)) {
        keys_ = *std::move(keys);
        text_ = before.text_;
        fetched_ = before.fetched_;
    }
}

void key_source::take_kept_keys() {
    auto kept = read_kept_keys(settings_);
    if (!kept) {
        if (!kept.error().empty()) {
            spdlog::warn("provider {}: jwks.cache_file is not used: {}", settings_.provider, kept.error());
        }
        return;
    }
    const milliseconds age = wall_clock() - kept->fetched;
    if (age < milliseconds::zero() || age >= settings_.how.max_stale) {
        spdlog::warn("provider {}: the keys in {} {}", settings_.provider, settings_.how.cache_file.value,
                     age < milliseconds::zero() ? "are not used: they are of a time that has not come yet"
                                                : "are too old to count (jwks.max_stale)");
        return;
    }
    spdlog::info("provider {}: the keys in {} count until others are fetched", settings_.provider, settings_.how.cache_file.value);
    keys_ = std::move(kept->keys);
    text_ = std::move(kept->text);
    fetched_ = clock::now() - age;
}

double key_source::chance() {
    return std::uniform_real_distribution<double>(0.0, 1.0)(random_);
}

void key_source::publish() {
    std::erase_if(rings_, [](const auto& each) { return each.expired(); });
    for (const auto& each : rings_) {
        if (const auto ring = each.lock()) {
            ring->replace(keys_);
        }
    }
}

void key_source::mark(policies::time_point outdated_from) {
    outdated_from_ = outdated_from;
    for (const auto& each : rings_) {
        if (const auto ring = each.lock()) {
            ring->outdated_from(outdated_from);
        }
    }
}

void key_source::publish_to(const std::shared_ptr<policies::tokens::key_ring>& ring) {
    const std::lock_guard lock(mutex_);
    ring->replace(keys_);
    ring->outdated_from(outdated_from_);
    rings_.push_back(ring);
}

awaitable<> key_source::run(std::shared_ptr<key_source> self) {
    while (!self->under_way_.cancelled()) {
        co_await self->fetch();
        upstream::sleeper pause(self->with_.wheel, self->under_way_);
        self->pause_ = &pause;
        while (!self->under_way_.cancelled()) {
            self->drop_stale();
            const auto left = [&] {
                const std::lock_guard lock(self->mutex_);
                return self->fetching_ ? milliseconds::zero() : std::chrono::ceil<milliseconds>(self->next_ - clock::now());
            }();
            if (left <= milliseconds::zero()) {
                break;
            }
            pause.limit(std::min(left, self->until_stale()));
            co_await pause.sleep();
        }
        self->pause_ = nullptr;
    }
}

void key_source::stop() {
    under_way_.cancel();
    std::vector<waiting_request> gone;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        tried_ = true;
        gone.swap(waiting_);
    }
    first_outcome_.notify_all();
    for (auto& each : gone) {
        each.on->post(std::move(each.over));
    }
}

awaitable<> key_source::fetch() {
    {
        const std::lock_guard lock(mutex_);
        fetching_ = true;
        mark(policies::time_point::min()); // who needs others waits for these
        begun_ = clock::now();
    }
    auto outcome = co_await fetch_keys(with_, settings_, secure_);
    if (!under_way_.cancelled()) {
        end_fetch(take(std::move(outcome)));
    }
}

milliseconds key_source::take(std::expected<fetched_keys, std::string>&& outcome) {
    return outcome ? adopt(*std::move(outcome)) : fail(std::move(outcome).error());
}

milliseconds key_source::adopt(fetched_keys&& fetched) {
    counts_->successes.fetch_add(1, std::memory_order_relaxed);
    log_skipped(*fetched.keys);
    if (!settings_.how.cache_file.value.empty()) {
        keep(fetched.text, wall_clock());
    }
    const std::lock_guard lock(mutex_);
    const bool same = keys_ != nullptr && policies::jose::same_keys(*keys_, *fetched.keys);
    if (failures_ != 0 || !same) {
        spdlog::info("provider {}: keys fetched from {}, {} of them usable", settings_.provider, settings_.from.text,
                     fetched.keys->keys.size());
    }
    failures_ = 0;
    failure_logged_ = false;
    last_error_.clear();
    fetched_ = clock::now();
    text_ = std::move(fetched.text);
    if (!same) {
        keys_ = std::move(fetched.keys);
        publish();
    }
    // What the issuer published after the fetch had begun may be missing. Once requests see that the keys may be
    // outdated a fetch is allowed already, so that no request is refused in between.
    not_before_ = std::max(begun_ + settings_.how.min_refresh, clock::now() + shortest_rest);
    mark(wall_clock() + std::chrono::floor<milliseconds>(not_before_ - clock::now()) + milliseconds{2}); // both round down
    return next_refresh(settings_.how, fetched.fresh, chance());
}

milliseconds key_source::fail(std::string why) {
    counts_->failures.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    ++failures_;
    if (!std::exchange(failure_logged_, true) || why != last_error_) {
        spdlog::warn("provider {}: no keys fetched: {}{}", settings_.provider, why,
                     keys_ != nullptr ? "; those at hand stay in use until they are older than jwks.max_stale" : "");
    }
    last_error_ = std::move(why);
    not_before_ = clock::time_point::max(); // the retry is the next one
    return next_retry(settings_.how, failures_, keys_ != nullptr, chance());
}

void key_source::end_fetch(milliseconds next) {
    std::vector<waiting_request> served;
    {
        const std::lock_guard lock(mutex_);
        fetching_ = false;
        tried_ = true;
        next_ = clock::now() + next;
        served.swap(waiting_);
    }
    first_outcome_.notify_all();
    for (auto& each : served) {
        each.on->post(std::move(each.over));
    }
}

void key_source::keep(std::string_view text, policies::time_point now) const {
    if (const auto why = keep_keys(settings_, text, now)) {
        spdlog::warn("provider {}: jwks.cache_file: {}", settings_.provider, *why);
    }
}

void key_source::log_skipped(const policies::jose::key_set& keys) {
    if (skipped_ == keys.warnings) {
        return;
    }
    skipped_ = keys.warnings;
    for (const std::string& line : skipped_) {
        spdlog::warn("provider {}: {}: {}", settings_.provider, settings_.from.text, line);
    }
}

milliseconds key_source::until_stale() const {
    const std::lock_guard lock(mutex_);
    if (!fetched_) {
        return milliseconds::max();
    }
    const auto left = std::chrono::ceil<milliseconds>(*fetched_ + settings_.how.max_stale - clock::now());
    return std::max(left, milliseconds{1});
}

void key_source::drop_stale() {
    const std::lock_guard lock(mutex_);
    if (!fetched_ || clock::now() < *fetched_ + settings_.how.max_stale) {
        return;
    }
    spdlog::error("provider {}: its keys are older than jwks.max_stale and count no longer: {}", settings_.provider, last_error_);
    keys_ = nullptr;
    fetched_.reset();
    publish();
}

milliseconds key_source::begin(const std::shared_ptr<key_source>& self, ready_loop& on, std::function<void()> over) {
    const std::lock_guard lock(self->mutex_);
    if (self->stopped_ || self->waiting_.size() >= most_waiting) {
        return milliseconds::zero();
    }
    if (!self->fetching_) {
        if (clock::now() < self->not_before_) {
            return milliseconds::zero();
        }
        self->fetching_ = true;
        self->mark(policies::time_point::min());
        asio::post(self->context_, [self] {
            if (self->pause_ != nullptr) {
                self->pause_->wake();
            }
        });
    }
    self->waiting_.push_back({&on, std::move(over)});
    return self->settings_.how.timeout + slack;
}

bool key_source::wait_for_keys(clock::time_point until) {
    std::unique_lock lock(mutex_);
    first_outcome_.wait_until(lock, until, [this] { return tried_ || keys_ != nullptr; });
    return keys_ != nullptr;
}

bool key_source::has_keys() const {
    const std::lock_guard lock(mutex_);
    return keys_ != nullptr;
}

key_source_status key_source::status() const {
    const std::lock_guard lock(mutex_);
    const auto now = clock::now();
    return {.age = fetched_ ? std::optional<std::chrono::nanoseconds>(now - *fetched_) : std::nullopt,
            .next_refresh = fetching_ ? std::chrono::nanoseconds::zero() : std::max<std::chrono::nanoseconds>(next_ - now, {}),
            .last_error = last_error_};
}

} // namespace bearward::proxy::providers

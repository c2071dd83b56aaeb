#include "proxy/providers/redis_feed.hpp"

#include "proxy/random_hash_key.hpp"
#include "proxy/telemetry/report_failure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

namespace bearward::proxy::providers {
namespace {

using policies::tokens::revocation_feed;
using policies::tokens::revocation_store;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds connect_timeout{2'000};
constexpr milliseconds answer_timeout{2'000};
constexpr milliseconds ping_pace{2'000};
/// How long the last state counts for who needs a current one: what another process revokes
/// counts everywhere within a second, or nobody is let in.
constexpr milliseconds longest_away{1'000};
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{2'000};
constexpr seconds cleaning_pace{30};
constexpr std::size_t most_pages = 100'000;

policies::time_point now() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

void report(const std::exception_ptr& failure) {
    report_failure("a connection to Redis", failure);
}

} // namespace

redis_feed::redis_feed(asio::io_context& context, deadline_wheel& wheel, upstream::directory& known, config::redis_settings settings,
                       std::size_t readers)
    : context_(context), wheel_(wheel), names_(known), settings_(std::move(settings)), key_(settings_.key_prefix + "revocations"),
      known_(std::make_shared<revocation_feed>(revocation_store::key{random_hash_key(), random_hash_key()}, readers)),
      grace_(wheel, *this) {
    const std::string& server = settings_.address.value.text;
    if (settings_.tls) {
        tls_ = std::make_shared<upstream::tls_target>(
            upstream::tls_target{.context = std::make_shared<const tls::client_context>(*settings_.tls, "TLS of Redis " + server),
                                 .host = settings_.address.value.host,
                                 .server = server});
    }
}

awaitable<std::expected<std::unique_ptr<redis_connection>, std::string>> redis_feed::open(upstream::attempts& among) {
    auto made = co_await redis_connection::open(context_of(among), settings_, tls_.get(), connect_timeout);
    co_return made;
}

awaitable<> redis_feed::run(std::shared_ptr<redis_feed> self) {
    while (!self->stopped_) {
        self->session_ = std::make_shared<session>();
        std::string fault = co_await hold(self, self->session_);
        self->session_.reset();
        if (self->stopped_) {
            break;
        }
        self->known_->revoked.abandon_reading();
        self->note_fault(std::move(fault));
        co_await self->pause();
    }
}

void redis_feed::stop() {
    stopped_ = true;
    grace_.disarm();
    under_way_.cancel();
    if (const auto open = session_) { // which ends within the call
        open->under_way.cancel();
    }
}

/// Longer after each failure, and never the same for all processes that lost the same Redis.
awaitable<> redis_feed::pause() {
    const milliseconds most = std::min(longest_pause, first_pause * (1U << std::min(failures_, 8U)));
    std::uniform_int_distribution<milliseconds::rep> some(most.count() / 2, most.count());
    ++failures_;
    upstream::sleeper sleeper(wheel_, under_way_);
    sleeper.limit(milliseconds(some(random_)));
    co_await sleeper.sleep();
}

awaitable<std::string> redis_feed::hold(std::shared_ptr<redis_feed> self, std::shared_ptr<session> now) {
    auto heard = co_await self->open(now->under_way);
    if (!heard) {
        co_return std::move(heard).error();
    }
    std::string fault = co_await self->subscribe(**heard);
    if (!fault.empty()) {
        co_return fault;
    }
    now->listening = true;
    asio::co_spawn(self->context_, listen(self, now, **heard), report);
    auto asked = co_await self->open(now->under_way);
    if (asked) {
        fault = co_await self->serve(*now, **asked);
    } else {
        fault = std::move(asked).error();
    }
    now->under_way.cancel();
    while (now->listening) {
        co_await now->joined.wait();
    }
    co_return now->fault.empty() ? fault : now->fault;
}

awaitable<std::string> redis_feed::subscribe(redis_connection& heard) {
    auto reply = co_await heard.ask({"SUBSCRIBE", key_}, answer_timeout);
    if (!reply) {
        co_return std::move(reply).error();
    }
    const auto& parts = reply->elements;
    const bool subscribed = parts.size() == 3 && parts[0].is_text("subscribe") && parts[1].is_text(key_);
    co_return subscribed ? std::string() : std::string("SUBSCRIBE: another answer than Redis gives");
}

awaitable<> redis_feed::listen(std::shared_ptr<redis_feed> self, std::shared_ptr<session> now, redis_connection& heard) {
    std::string fault = co_await self->hear_messages(*now, heard);
    const bool first = !now->under_way.cancelled();
    if (first) {
        now->fault = std::move(fault);
    }
    now->listening = false; // from here on `heard` may be gone
    now->under_way.cancel();
    now->joined.notify();
}

/// A peer that says nothing to a PING is gone, whatever the kernel thinks of its connection.
awaitable<std::string> redis_feed::hear_messages(session& now, redis_connection& heard) {
    constexpr unsigned share = 256; // messages in a row: others on this thread wait meanwhile
    unsigned heard_in_a_row = 0;
    bool pinged = false;
    while (!now.under_way.cancelled()) {
        auto reply = co_await heard.receive(ping_pace);
        if (!reply) {
            co_return std::move(reply).error();
        }
        if (*reply) {
            pinged = false;
            if (const auto payload = find_payload(**reply, key_)) {
                take_change(*payload);
            }
            if (is_full()) {
                co_return too_many();
            }
            if (++heard_in_a_row % share == 0) {
                co_await asio::post(context_.get_executor(), asio::use_awaitable_t<executor>{});
            }
            continue;
        }
        if (pinged) {
            co_return std::string("PING: no answer on the connection that listens");
        }
        pinged = true;
        auto sent = co_await heard.send({"PING"}, answer_timeout);
        if (!sent) {
            co_return std::move(sent).error();
        }
    }
    co_return std::string();
}

awaitable<std::string> redis_feed::serve(session& now, redis_connection& asked) {
    auto next_reading = clock::now();
    auto next_cleaning = clock::now() + cleaning_pace;
    while (!now.under_way.cancelled()) {
        if (clock::now() >= next_reading) {
            std::string fault = co_await read_whole(asked);
            if (!fault.empty()) {
                co_return fault;
            }
            become_current();
            next_reading = clock::now() + settings_.refresh;
        }
        if (clock::now() >= next_cleaning) {
            known_->revoked.drop_expired(providers::now());
            next_cleaning = clock::now() + cleaning_pace;
        }
        {
            upstream::sleeper sleeper(wheel_, now.under_way);
            sleeper.limit(std::min(ping_pace, std::max(std::chrono::ceil<milliseconds>(next_reading - clock::now()), milliseconds{1})));
            co_await sleeper.sleep();
        }
        auto pong = co_await asked.ask({"PING"}, answer_timeout);
        if (!pong) {
            co_return std::move(pong).error();
        }
    }
    co_return std::string();
}

awaitable<std::string> redis_feed::read_whole(redis_connection& asked) {
    told_ = 0;
    known_->revoked.begin_reading();
    std::string cursor = "0";
    std::size_t pages = 0;
    do {
        auto reply = co_await asked.ask({"ZSCAN", key_, cursor, "COUNT", "1000"}, answer_timeout);
        if (!reply) {
            co_return std::move(reply).error();
        }
        const auto page = parse_page(*reply);
        if (!page) {
            co_return page.error();
        }
        take_page(*page);
        if (++pages > most_pages || is_full()) {
            co_return too_many();
        }
        cursor = page->cursor;
    } while (cursor != "0");
    known_->revoked.end_reading();
    known_->revoked.drop_expired(providers::now());
    co_return std::string();
}

void redis_feed::become_current() {
    grace_.disarm();
    const bool news = !known_->current.exchange(true, std::memory_order_acq_rel) || fault_logged_;
    failures_ = 0;
    fault_logged_ = false;
    {
        const std::lock_guard lock(mutex_);
        last_error_.clear();
    }
    if (news) {
        spdlog::info("Redis {}: {} revocations were read, and changes are listened to", settings_.address.value.text,
                     known_->revoked.size());
    }
}

void redis_feed::note_fault(std::string fault) {
    if (!std::exchange(fault_logged_, true)) {
        spdlog::warn("Redis {}: {}; trying again", settings_.address.value.text, fault);
    }
    if (known_->current.load(std::memory_order_relaxed) && !grace_.armed()) {
        grace_.arm(longest_away);
    }
    const std::lock_guard lock(mutex_);
    last_error_ = std::move(fault);
}

void redis_feed::on_deadline() {
    known_->current.store(false, std::memory_order_release);
    spdlog::warn("Redis {}: its revocations are not up to date: the last state counts with fail: open, nobody is let in with closed",
                 settings_.address.value.text);
}

redis_feed_status redis_feed::status() const {
    redis_feed_status made{.address = settings_.address.value.text,
                           .current = known_->current.load(std::memory_order_relaxed),
                           .entries = known_->revoked.size(),
                           .refused = refused_.load(std::memory_order_relaxed),
                           .last_error = {}};
    const std::lock_guard lock(mutex_);
    made.last_error = last_error_;
    return made;
}

} // namespace bearward::proxy::providers

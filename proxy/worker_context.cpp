#include "proxy/worker_context.hpp"

#include "policies/invariant.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/random_hash_key.hpp"

#include <algorithm>

namespace bearward::proxy {
worker_context::worker_context(serving_ptr rules, access_log& log, shared_counts& counts, upstream::directory& known, supplier* supplies,
                               std::size_t index)
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), loop_(ready_loop::make(context_)), wheel_(context_), rules_(std::move(rules)),
      log_(log), counts_(counts), known_(known), supplies_(supplies), index_(index),
      tokens_(rules_, index, random_hash_key(), counts.proofs, &counts.rates), random_(std::random_device{}()) {
    upstreams_ = make_upstreams(*rules_);
    prepare_tracer();
}

void worker_context::prepare_tracer() {
    if (rules_->settings.tracing && tracer_ == nullptr) {
        tracer_ = std::make_unique<tracer>(counts_.spans.open());
    }
}

void worker_context::adopt_rules(serving_ptr rules) {
    upstreams_ = make_upstreams(*rules);
    rules_ = std::move(rules);
    prepare_tracer();
    tokens_.replace_rules(rules_);
    assertions_.clear(); // another key may sign now
}

upstream_set_ptr worker_context::make_upstreams(const serving& rules) {
    const upstream::connect_context with{context_, wheel_, attempts_, known_};
    auto made = std::make_shared<upstream_set>();
    const auto& upstreams = rules.settings.upstreams;
    for (std::size_t place = 0; place < upstreams.size(); ++place) {
        const auto& wanted = upstreams[place];
        auto& counts = *rules.counters[index_].upstreams[place];
        std::vector<std::shared_ptr<upstream::pool>> pools;
        for (const auto& server : wanted.servers) {
            auto settings = upstream::make_pool_settings(wanted, server);
            auto kept = find_pool(settings);
            pools.push_back(kept ? std::move(kept)
                                 : std::make_shared<upstream::pool>(with, std::move(settings), counts, rules.upstream_contexts[place]));
        }
        // Each worker begins with another server, so that few requests spread too.
        made->push_back(std::make_shared<upstream::group>(with, wanted, std::move(pools), counts, index_));
    }
    return made;
}

std::shared_ptr<upstream::pool> worker_context::find_pool(const upstream::pool_settings& wanted) const {
    if (upstreams_) {
        for (const auto& group : *upstreams_) {
            const auto found = std::ranges::find_if(group->pools(), [&](const auto& each) { return each->settings() == wanted; });
            if (found != group->pools().end()) {
                return *found;
            }
        }
    }
    return nullptr;
}

policies::outside& worker_context::outside_now() noexcept {
    tokens_.set_now(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    return tokens_;
}

bool worker_context::reserve_connection() noexcept {
    if (counts_.connections.fetch_add(1, std::memory_order_relaxed) < rules_->max_connections) {
        return true;
    }
    free_connection();
    return false;
}

void worker_context::free_connection() noexcept {
    const std::uint64_t before = counts_.connections.fetch_sub(1, std::memory_order_relaxed);
    policies::invariant(before > 0, "as many connections end as were counted");
}

std::string_view worker_context::http_date() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (now != date_second_) {
        date_second_ = now;
        date_ = http::make_http_date(now);
    }
    return date_;
}

void worker_context::append_request_id(std::string& out) {
    static constexpr auto pairs = [] {
        std::array<std::array<char, 2>, 256> all{};
        for (unsigned byte = 0; byte < 256; ++byte) {
            all[byte] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
        }
        return all;
    }();
    std::array<char, 32> text{};
    std::uint64_t bits = 0;
    for (std::size_t at = 0; at < text.size(); at += 2, bits >>= 8) {
        if (at % 16 == 0) {
            bits = random_();
        }
        text[at] = pairs[bits & 255][0];
        text[at + 1] = pairs[bits & 255][1];
    }
    out.append(text.data(), text.size());
}

} // namespace bearward::proxy

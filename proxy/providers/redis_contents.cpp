// What redis_feed takes from pages of the set and from messages.
#include "policies/text.hpp"
#include "proxy/providers/redis_feed.hpp"

#include <spdlog/spdlog.h>

#include <string>

namespace bearward::proxy::providers {
namespace {

using policies::in_quotes;

constexpr std::size_t most_entries = 5'000'000;
constexpr unsigned most_told = 5;

policies::time_point current_time() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

bool redis_feed::is_full() const noexcept {
    return known_->revoked.size() >= most_entries;
}

std::string redis_feed::too_many() {
    return "more than " + std::to_string(most_entries) + " revocations";
}

void redis_feed::take_page(const set_page& page) {
    const auto time = current_time();
    for (const scored_member& each : page.members) {
        const auto read = parse_scored(each);
        if (!read) {
            refuse(each.member, read.error());
        } else if (time < read->until) {
            (void)known_->revoked.take_read(read->entry, read->until, most_entries);
        }
    }
    tell_();
}

void redis_feed::take_change(std::string_view payload) {
    const auto change = parse_change(payload);
    const auto read = change ? parse_scored(*change) : std::unexpected(change.error());
    if (!read) {
        refuse(payload, read.error());
    } else if (current_time() < read->until) {
        (void)known_->revoked.set(read->entry, read->until, most_entries);
        tell_();
    } else {
        known_->revoked.take_back(read->entry);
    }
}

void redis_feed::refuse(std::string_view member, std::string_view why) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    if (told_++ < most_told) {
        spdlog::error("Redis {}: {}: {} {}; it is left out", settings_.address.value.text, key_, in_quotes(member), why);
    }
}

} // namespace bearward::proxy::providers

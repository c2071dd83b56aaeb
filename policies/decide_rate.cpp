#include "policies/decider.hpp"

#include "policies/decision_causes.hpp"
#include "policies/decision_steps.hpp"
#include "policies/requests/network.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace bearward::policies {
namespace {

/// An address as the limit counts it: of IPv6 the /64, which one client has for itself.
void append_address(std::string& key, std::string_view client) {
    const auto address = requests::parse_ip_address(client);
    if (!address) {
        key.append("unix");
        return;
    }
    constexpr std::array<std::uint8_t, 12> mapped_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    const bool ipv4 = std::ranges::equal(mapped_ipv4, std::span(address->bytes).first<mapped_ipv4.size()>());
    for (const std::uint8_t byte : std::span(address->bytes).first(ipv4 ? address->bytes.size() : address->bytes.size() / 2)) {
        key.push_back(static_cast<char>(byte));
    }
}

/// What the limit counts by: its route and settings (rate_texts), and whose request it is. Each part
/// ends with a byte that no name has, or its length follows from what stands before it.
void make_rate_key(std::string& key, const rules::route& route, const identity* who, std::string_view client) {
    const rules::rate_limit& of = *route.rate;
    const std::string& begin = route.rate_said.key;
    const bool by_user = of.per == rules::rate_subject::user;
    const std::string_view named = who == nullptr ? std::string_view{} : std::string_view(by_user ? who->user : who->tenant);
    if (of.per == rules::rate_subject::address || named.empty()) {
        append_address(key.assign(begin).append("a"), client);
        return;
    }
    // Every limited request makes one: it grows once.
    const std::size_t size = begin.size() + who->provider.size() + named.size() + 2;
    key.resize_and_overwrite(size, [&](char* at, std::size_t) {
        at += begin.copy(at, begin.size());
        *at++ = by_user ? 'u' : 't';
        at += who->provider.copy(at, who->provider.size());
        *at++ = '\0';
        named.copy(at, named.size());
        return size; // libstdc++ 12 gives the capacity for it
    });
}

} // namespace

std::optional<denial> decider::begin_rate() {
    rate_.limit = &route_->rate_said;
    return route_->rate->per == rules::rate_subject::address ? limit_rate(nullptr) : std::nullopt;
}

std::optional<denial> decider::limit_rate(const identity* who) {
    make_rate_key(scratch_.rate_key, *route_, who, request_.client);
    // By its address a request that is asked for again has been counted and let through.
    const bool counts = route_->rate->per != rules::rate_subject::address || on_need_ != on_need::refuse_again;
    rate_.outcome = outside_.take_rate(*route_->rate, scratch_.rate_key, counts);
    rate_.known = true;
    const reason outcome = rate_.outcome.allowed || !counts ? reason::ok : reason::rate_limited;
    if (tell(observer_, outcome, [&] { return rate_step(*route_->rate, rate_.outcome); }) == reason::ok) {
        return std::nullopt;
    }
    denial refusal = deny(outcome, cause_of(rate_step(*route_->rate, rate_.outcome)));
    refusal.who = who_;
    refusal.retry_after = std::max(rate_.outcome.retry_after, std::chrono::seconds{1});
    return refusal;
}

} // namespace bearward::policies

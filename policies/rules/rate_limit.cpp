#include "policies/rules/rate_limit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace bearward::policies::rules {
namespace {

std::chrono::seconds rounded_up(std::int64_t nanoseconds) noexcept {
    return std::chrono::ceil<std::chrono::seconds>(std::chrono::nanoseconds(std::max<std::int64_t>(nanoseconds, 0)));
}

std::string in_quotes(rate_subject per) {
    return '"' + std::string(word_of(rate_subject_table, per)) + '"';
}

std::string make_policy_field(const rate_limit& of) {
    const auto window = std::max(rounded_up(of.window().count()), std::chrono::seconds{1});
    return in_quotes(of.per) + ";q=" + std::to_string(of.burst) + ";w=" + std::to_string(window.count());
}

} // namespace

rate_outcome take(const rate_limit& of, rate_time& paid, rate_time now, bool counts) noexcept {
    const std::int64_t interval = of.interval().count();
    const std::int64_t window = of.window().count();
    std::int64_t debt = std::clamp<std::int64_t>(paid - now, 0, window);
    rate_outcome outcome;
    outcome.allowed = debt + interval <= window;
    if (outcome.allowed && counts) {
        debt += interval;
        paid = now + debt;
    }
    outcome.left = static_cast<std::uint64_t>((window - debt) / interval);
    outcome.until_full = rounded_up(debt);
    outcome.retry_after = outcome.left == 0 ? rounded_up(debt + interval - window) : std::chrono::seconds{};
    return outcome;
}

rate_texts make_rate_texts(const rate_limit& of, std::string_view route) {
    rate_texts made{.policy = make_policy_field(of), .left = in_quotes(of.per) + ";r=", .key = std::string(route)};
    made.key.push_back('\0');
    made.key += std::to_string(of.count) + "/" + std::to_string(of.period.count()) + "/" + std::to_string(of.burst);
    return made;
}

void append_rate_field(const rate_texts& of, const rate_outcome& outcome, std::string& out) {
    constexpr std::string_view time = ";t=";
    std::array<char, 2 * (std::numeric_limits<std::uint64_t>::digits10 + 1) + 24> text{};
    char* const end = text.data() + text.size();
    char* at = text.data() + of.left.copy(text.data(), text.size());
    at = std::to_chars(at, end, outcome.left).ptr;
    at += time.copy(at, time.size());
    at = std::to_chars(at, end, outcome.until_full.count()).ptr;
    out.append(text.data(), static_cast<std::size_t>(at - text.data()));
}

} // namespace bearward::policies::rules

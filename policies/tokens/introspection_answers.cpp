#include "policies/tokens/introspection_answers.hpp"

#include "policies/tokens/footprint.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::tokens {
namespace {

/// So far a clock that is being corrected may go back without anybody's answer being lost.
constexpr std::chrono::seconds clock_step{1};

} // namespace

std::size_t footprint(const introspection_answer_ptr& answer) noexcept {
    constexpr std::size_t control_block = 32;
    const introspected& outcome = answer->outcome;
    return sizeof(introspection_answer) + control_block + (outcome ? footprint(**outcome) : heap_bytes(outcome.error().cause));
}

const introspection_answer_ptr* introspection_table::find(std::string_view token) noexcept {
    const auto* const good = good_.find(token);
    return good != nullptr ? good : bad_.find(token);
}

void introspection_table::insert(std::string_view token, introspection_answer_ptr answer) {
    forget(token);
    auto& table = answer->outcome ? good_ : bad_;
    const std::size_t size = footprint(answer);
    table.insert(token, std::move(answer), size);
}

void introspection_table::forget(std::string_view token) noexcept {
    good_.forget(token);
    bad_.forget(token);
}

introspection_answer_ptr introspection_answers::find(std::string_view token, time_point now) {
    const std::lock_guard lock(mutex_);
    const auto* const known = table_.find(token);
    return known != nullptr && (*known)->counts(now) ? *known : nullptr;
}

introspection_answer_ptr introspection_answers::find_for_who_waited(std::string_view token, time_point now,
                                                                    std::chrono::milliseconds at_most) {
    const std::lock_guard lock(mutex_);
    const auto* const known = table_.find(token);
    const bool young = known != nullptr && (*known)->asked <= now && now - (*known)->asked <= at_most + clock_step;
    return known != nullptr && (young || (*known)->counts(now)) ? *known : nullptr;
}

void introspection_answers::insert(std::string_view token, introspected outcome, time_point asked) {
    const bool remembered = limits_.max_bytes != 0;
    time_point until = asked + (!remembered ? std::chrono::milliseconds::zero() : outcome ? limits_.ttl : limits_.negative_ttl);
    if (outcome && (*outcome)->expires) {
        until = std::min(until, *(*outcome)->expires);
    }
    auto answer = std::make_shared<const introspection_answer>(std::move(outcome), asked - clock_step, until);
    const std::lock_guard lock(mutex_);
    table_.insert(token, std::move(answer));
    last_failure_.clear();
}

void introspection_answers::fail(std::string_view token, std::string why) {
    const std::lock_guard lock(mutex_);
    table_.forget(token);
    last_failure_ = std::move(why);
}

std::string introspection_answers::last_failure() const {
    const std::lock_guard lock(mutex_);
    return last_failure_;
}

} // namespace bearward::policies::tokens

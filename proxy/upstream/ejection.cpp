#include "proxy/upstream/ejection.hpp"

#include <algorithm>

namespace bearward::proxy::upstream {

std::uint32_t ejection::begin_attempt(steady_time now, std::chrono::milliseconds at_most) noexcept {
    if (failing() && now - failed_at_ > memory) {
        attempt_succeeded();
    }
    if (failing() && !resting(now)) {
        rests_until_ = now + at_most;
    }
    return episode_;
}

void ejection::attempt_failed(std::uint32_t attempt, steady_time now) noexcept {
    if (attempt != episode_) {
        return;
    }
    constexpr std::uint32_t doublings = 5; // then it is the longest rest in any case
    const auto rest = first_rest * (1U << std::min(failures_, doublings));
    rests_until_ = now + std::min<std::chrono::milliseconds>(rest, longest_rest);
    failed_at_ = now;
    ++failures_;
    ++episode_;
}

void ejection::heard_of(steady_time success) noexcept {
    if (failing() && success > failed_at_) {
        attempt_succeeded();
    }
}

void ejection::suspect(steady_time now) noexcept {
    rests_until_ = std::max(rests_until_, now + suspicion);
}

void ejection::attempt_succeeded() noexcept {
    failures_ = 0;
    rests_until_ = steady_time::min();
}

} // namespace bearward::proxy::upstream

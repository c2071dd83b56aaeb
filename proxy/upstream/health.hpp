// Whether a server is healthy by the outcomes of its checks. Pure.
#pragma once

namespace bearward::proxy::upstream {

/// Healthy until so many checks in a row have failed; then unhealthy until so
/// many have succeeded.
class health {
public:
    health(unsigned successes, unsigned failures) noexcept : successes_(successes), failures_(failures) {}

    /// The outcome of a check. Returns whether the verdict is another now.
    bool observe(bool success) noexcept {
        against_ = success == healthy_ ? 0 : against_ + 1;
        if (against_ < (healthy_ ? failures_ : successes_)) {
            return false;
        }
        healthy_ = !healthy_;
        against_ = 0;
        return true;
    }
    [[nodiscard]] bool healthy() const noexcept { return healthy_; }

private:
    unsigned successes_;
    unsigned failures_;
    unsigned against_ = 0; ///< outcomes in a row that contradict the verdict
    bool healthy_ = true;
};

/// Success is 2xx or 3xx.
[[nodiscard]] constexpr bool is_success(unsigned status) noexcept {
    return status >= 200 && status < 400;
}

} // namespace bearward::proxy::upstream

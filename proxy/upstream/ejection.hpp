// What failed connects mean for the requests to come. Pure: time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace bearward::proxy::upstream {

using steady_time = std::chrono::steady_clock::time_point;

/// Whether one server should be asked. After a failed connect it rests, twice as
/// long each time; then one request at a time tries it again.
class ejection {
public:
    /// The first rest, and the longest.
    static constexpr std::chrono::milliseconds first_rest{500};
    static constexpr std::chrono::milliseconds longest_rest{10'000};
    /// After a connection died that had just been used: a process that ends closes one after the other.
    static constexpr std::chrono::milliseconds suspicion{100};
    /// So long after the last failure nothing is known any more.
    static constexpr std::chrono::milliseconds memory{20'000};

    [[nodiscard]] bool resting(steady_time now) const noexcept { return now < rests_until_; }
    /// Whether its last connect failed, so that the next one is a trial.
    [[nodiscard]] bool failing() const noexcept { return failures_ != 0; }

    /// An attempt to connect begins: the number to report its failure with. After a
    /// rest others keep away for as long as this attempt may take.
    [[nodiscard]] std::uint32_t begin_attempt(steady_time now, std::chrono::milliseconds at_most) noexcept;
    /// Of the attempts that were under way together the first failure counts.
    void attempt_failed(std::uint32_t attempt, steady_time now) noexcept;
    void attempt_succeeded() noexcept;
    /// When any thread last connected to it: a success after our last failure ends what we know.
    void heard_of(steady_time success) noexcept;
    /// A connection to it ended without an answer. Not a failure to connect, but
    /// others are better for the moment.
    void suspect(steady_time now) noexcept;

private:
    steady_time rests_until_ = steady_time::min();
    steady_time failed_at_ = steady_time::min();
    std::uint32_t episode_ = 0; ///< grows with each failure that counted
    std::uint32_t failures_ = 0;
};

/// No server of an upstream can be had. While that is new, requests wait for one
/// to come back, as in a restart; later they are refused at once. It is another
/// outage once any thread has connected meanwhile, or after a while without requests.
class outage {
public:
    /// So long after the last failure the next one is of another outage.
    static constexpr std::chrono::milliseconds memory{10'000};

    /// Every server was tried without success. `connected`: when any thread last connected to one.
    void failed(steady_time now, steady_time connected) noexcept {
        const bool another = since_ && (connected > *since_ || now - last_ > memory);
        since_ = another ? now : since_.value_or(now);
        last_ = now;
    }
    void ended() noexcept { since_.reset(); }
    [[nodiscard]] bool worth_waiting(steady_time now, std::chrono::milliseconds patience) const noexcept {
        return !since_ || now < *since_ + patience;
    }

private:
    std::optional<steady_time> since_;
    steady_time last_ = steady_time::min();
};

} // namespace bearward::proxy::upstream

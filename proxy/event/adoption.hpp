// Waits until several threads have taken something over.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <semaphore>

namespace bearward::proxy {

/// For one thread; what it hands out is called by others, once each.
class adoption {
public:
    /// To be called by one more thread when it is done. May be called after this is gone.
    [[nodiscard]] std::function<void()> ticket() {
        ++expected_;
        return [done = done_] { done->release(); };
    }
    /// False: not all were done in time, since one that ends meanwhile never is.
    bool wait(std::chrono::milliseconds at_most) {
        const auto end = std::chrono::steady_clock::now() + at_most;
        while (expected_ > 0 && done_->try_acquire_until(end)) {
            --expected_;
        }
        return expected_ == 0;
    }

private:
    std::shared_ptr<std::counting_semaphore<>> done_ = std::make_shared<std::counting_semaphore<>>(0);
    std::size_t expected_ = 0;
};

} // namespace bearward::proxy

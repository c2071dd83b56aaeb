// A file descriptor that is closed when nobody has taken it.
#pragma once

#include <unistd.h>
#include <utility>

namespace bearward::proxy {

class owned_descriptor {
public:
    explicit owned_descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    owned_descriptor(owned_descriptor&& from) noexcept : descriptor_(from.release()) {}
    owned_descriptor& operator=(owned_descriptor&& from) noexcept {
        std::swap(descriptor_, from.descriptor_);
        return *this;
    }
    ~owned_descriptor() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    /// Whoever calls this closes it.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

private:
    int descriptor_; ///< -1: taken
};

} // namespace bearward::proxy

// The outcome of one non-blocking read or write.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bearward::proxy {

struct io_result {
    enum class kind : std::uint8_t { done, would_block, end_of_stream, failed };
    kind what = kind::failed;
    std::size_t bytes = 0;
    int error = 0; ///< errno, with kind::failed

    [[nodiscard]] bool done() const noexcept { return what == kind::done; }
    [[nodiscard]] bool would_block() const noexcept { return what == kind::would_block; }
};

} // namespace bearward::proxy

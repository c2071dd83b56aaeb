// Where a worker's requests stand in traces, and their spans once they are over. A request that is not
// sampled costs two random numbers and no memory.
#pragma once

#include "proxy/telemetry/span_queues.hpp"
#include "proxy/telemetry/span_record.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

namespace bearward::proxy {

/// Whether a trace that begins here is sampled: by its id, so that whoever samples it by ratio too comes to the
/// same conclusion (W3C Trace Context level 2 section 3.2.3.3: the last 56 bits are random).
[[nodiscard]] bool is_sampled(const http::trace_id& trace, double ratio) noexcept;

/// Used by its worker's thread alone.
class tracer {
public:
    explicit tracer(span_queue& into);

    /// Its trace goes on, or a new one begins, sampled by ratio.
    [[nodiscard]] http::request_trace choose(const std::vector<http::header>& fields, double ratio);
    /// The request is over, which began `took` ago. Of a sampled one.
    void finish(const request_span& of, const access_record& from, std::chrono::nanoseconds took);

private:
    template <std::size_t Size>
    void fill(std::array<std::uint8_t, Size>& id);

    span_queue& into_;
    std::mt19937_64 random_;
    span_record next_;
};

} // namespace bearward::proxy

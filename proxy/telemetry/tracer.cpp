#include "proxy/telemetry/tracer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bearward::proxy {
namespace {

constexpr int sampling_bits = 56;

/// Seeded with more than one number of 32 bits: replicas and restarts are many, and ids must not meet.
std::mt19937_64 make_random() {
    std::random_device source;
    std::array<std::random_device::result_type, 16> bits{};
    std::ranges::generate(bits, std::ref(source));
    std::seed_seq seed(bits.begin(), bits.end());
    return std::mt19937_64(seed);
}

} // namespace

bool is_sampled(const http::trace_id& trace, double ratio) noexcept {
    std::uint64_t random = 0;
    for (std::size_t at = trace.size() - sampling_bits / 8; at < trace.size(); ++at) {
        random = random << 8U | trace[at];
    }
    const auto all = std::uint64_t{1} << static_cast<unsigned>(sampling_bits);
    return random >= all - static_cast<std::uint64_t>(std::llround(std::ldexp(ratio, sampling_bits)));
}

tracer::tracer(span_queue& into) : into_(into), random_(make_random()) {}

template <std::size_t Size>
void tracer::fill(std::array<std::uint8_t, Size>& id) {
    do {
        for (std::size_t at = 0; at < id.size(); at += 8) {
            std::uint64_t bits = random_();
            for (std::size_t i = 0; i < 8; ++i, bits >>= 8U) {
                id[at + i] = static_cast<std::uint8_t>(bits & 0xFFU);
            }
        }
    } while (std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; })); // which is no id
}

http::request_trace tracer::choose(const std::vector<http::header>& fields, double ratio) {
    http::request_trace made;
    if (const auto parent = http::find_traceparent(fields)) {
        made.own = *parent;
        made.parent = parent->span;
        made.continued = true;
    } else {
        fill(made.own.trace);
        made.own.flags = is_sampled(made.own.trace, ratio) ? http::sampled_flag : std::uint8_t{0};
    }
    fill(made.own.span);
    return made;
}

void tracer::finish(const request_span& of, const access_record& from, std::chrono::nanoseconds took) {
    const span_record::time now = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    fill_span(of, from, now - took, now, next_);
    into_.push(next_);
}

} // namespace bearward::proxy

// What a collector answers to a batch of spans (OTLP over HTTP, "Response"). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::tracing {

struct collector_answer {
    std::optional<std::size_t> refused; ///< how many of the spans; nothing: all
    std::string why;                    ///< with refused ones; for people
};

[[nodiscard]] collector_answer read_collector_answer(unsigned status, std::string_view body);

} // namespace bearward::proxy::tracing

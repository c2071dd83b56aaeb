// Any bytes as traceparent. What is read is written as the same trace, in the one form that this version has.
#include "proxy/http/trace_context.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace bearward::proxy::http;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

bool is_zero(const auto& id) {
    return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = parse_traceparent(text);
    require(read == find_traceparent({{"traceparent", text}}));
    require(!find_traceparent({{"traceparent", text}, {"traceparent", text}}));
    if (!read) {
        return 0;
    }
    require(!is_zero(read->trace) && !is_zero(read->span) && (read->flags & ~(sampled_flag | random_flag)) == 0);
    std::string written;
    append_traceparent(written, *read);
    require(written.size() == 55 && parse_traceparent(written) == read);
    require(text.substr(2, 51) == std::string_view(written).substr(2, 51)); // all but version and flags
    require(!text.starts_with("ff") && (text.size() == 55 || (!text.starts_with("00") && text[55] == '-')));
    return 0;
}

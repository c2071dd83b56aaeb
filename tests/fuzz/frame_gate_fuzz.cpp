// The frame gate passes whole frames up to the first that breaks a limit, and the same ones however
// the stream is cut.
#include "proxy/websocket/frame_gate.hpp"
#include "proxy/websocket/frame_scanner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace bearward::proxy::websocket;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct outcome {
    std::size_t passed = 0;
    std::optional<frame_breach> broken{};
};

outcome run(const frame_limits& limits, std::string_view stream, std::uint32_t state, bool cut) {
    frame_gate gate(limits);
    outcome made;
    std::size_t shown = 0;
    while (!made.broken && shown < stream.size()) {
        state = state * 1664525U + 1013904223U; // the pieces' lengths (Numerical Recipes)
        shown = cut ? std::min(stream.size(), shown + 1 + (state >> 16U) % 9U) : stream.size();
        const auto judged = gate.look(stream.substr(made.passed, shown - made.passed), 1);
        made.passed += judged.pass;
        made.broken = judged.broken;
        require(made.passed <= shown);
        require(made.broken || shown - made.passed < 14);
    }
    return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) {
        return 0;
    }
    const std::uint32_t state = 1U + data[0] + 256U * data[1] + 65536U * data[2];
    frame_limits limits{.max_message = data[3]};
    if ((data[2] & 1U) != 0) {
        limits.rate = bearward::policies::rules::rate_limit{.count = 1 + data[1] % 16U, .burst = 1 + data[1] % 16U};
    }
    const std::string_view stream{reinterpret_cast<const char*>(data) + 4, size - 4};
    const outcome whole = run(limits, stream, state, false);
    const outcome parts = run(limits, stream, state, true);
    require(whole.passed == parts.passed && whole.broken == parts.broken);
    frame_scanner scanner;
    scanner.scan(stream.substr(0, whole.passed));
    require(!whole.broken || scanner.at_boundary());
    return 0;
}

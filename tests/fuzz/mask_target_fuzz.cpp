// A token in a query never survives masking, however its parameter's name is
// spelt and whatever stands around it; without a token nothing changes.
#include "policies/text.hpp"
#include "proxy/telemetry/access_log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The name with some characters percent-encoded, as the bits of `choices` say.
std::string spell(std::string_view name, std::uint8_t choices) {
    constexpr std::string_view upper = "0123456789ABCDEF";
    constexpr std::string_view lower = "0123456789abcdef";
    std::string spelt;
    for (std::size_t at = 0; at < name.size(); ++at) {
        if ((choices >> (at % 8) & 1U) == 0) {
            spelt += name[at];
            continue;
        }
        const auto byte = static_cast<unsigned char>(name[at]);
        const std::string_view digits = at % 2 == 0 ? upper : lower;
        spelt += '%';
        spelt += digits[byte >> 4U];
        spelt += digits[byte & 0xFU];
    }
    return spelt;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::vector<std::string> names{"access_token", "jwt"};
    const std::uint8_t choices = data[0];
    const std::size_t split = 2 + data[1] % (size - 1);
    const std::string text(data + 2, data + size);
    const std::string before = text.substr(0, split - 2);
    const std::string after = text.substr(before.size());
    constexpr std::string_view secret = "SECRET-5f0c1a";

    const std::string masked = bearward::proxy::mask_target("/p", text, true, names);
    require(bearward::proxy::mask_target("/p", masked.substr(3), true, names) == masked);
    if (std::ranges::find(text, '=') == text.end() && !bearward::policies::holds_token(text)) {
        require(masked == "/p?" + text);
    }
    if (text.find(secret) != std::string::npos) {
        return 0; // the input has the word in a place of its own
    }
    for (const std::string& name : names) {
        for (const char separator : {'&', ';'}) {
            std::string query = before + separator + spell(name, choices);
            query += '=';
            query += secret;
            query += after;
            require(bearward::proxy::mask_target("/p", query, true, names).find(secret) == std::string::npos);
        }
    }
    return 0;
}

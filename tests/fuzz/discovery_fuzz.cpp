// Whatever a key server sends as a discovery document: no crash, no other issuer's keys,
// and no URL that says something else in a request line.
#include "config/url.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/discovery.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace tokens = bearward::policies::tokens;

namespace {

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The issuer that the document itself names.
std::string issuer_of(std::string_view document) {
    const auto object = bearward::policies::jose::parse_json_object(document);
    must(object.has_value());
    const auto* const issuer = object->if_contains("issuer");
    must(issuer != nullptr && issuer->is_string());
    return std::string(issuer->get_string());
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::array<tokens::issuer_pattern, 2> issuers{tokens::issuer_pattern("https://id.test/"),
                                                               tokens::issuer_pattern::parse("https://id.test/{tid}").value()};
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto keys = tokens::parse_discovery(input, issuers);
    if (!keys) {
        must(!keys.error().empty() && keys.error().size() < 1000);
        must(std::ranges::none_of(keys.error(), [](char byte) { return static_cast<unsigned char>(byte) < 0x20; }));
        return 0;
    }
    const std::string issuer = issuer_of(input);
    must(issuer == "https://id.test/" || issuer == "https://id.test/{tid}" || issuer == "https://id.test/{tenantid}");
    must(!keys->empty());
    static_cast<void>(bearward::config::parse_url(*keys));
    return 0;
}

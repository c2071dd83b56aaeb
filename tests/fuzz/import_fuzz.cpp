// `bearward import` with any text: the first byte says whose configuration it is. What is written is one YAML document
// of the sections that the writer knows, whatever the peer's text says, and a refusal says why.
#include "config/document.hpp"
#include "proxy/commands/import/import_configuration.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bearward;
    using namespace bearward::proxy::commands::importing;
    constexpr std::size_t longest = 64 * 1024;
    if (size == 0 || size > longest) {
        return 0;
    }
    constexpr std::array peers{peer::oauth2_proxy, peer::envoy, peer::nginx};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
    const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
    const import_result made = import_configuration(peers[data[0] % peers.size()], text, text.substr(0, 40));
    if (!made.text) {
        if (!made.opens()) {
            std::abort(); // it has to say why
        }
        return 0;
    }
    std::vector<config::diagnostic> problems;
    const auto root = config::parse_document(*made.text, "fuzz.yaml", problems);
    if (!root || !problems.empty() || root->type != config::node::kind::map) {
        std::abort();
    }
    constexpr std::array<std::string_view, 9> sections{"version",          "listen",   "trusted_proxies", "upstreams", "providers",
                                                       "identity_headers", "policies", "routes",          "tests"};
    for (const config::entry& each : root->entries) {
        if (std::ranges::find(sections, each.key.text) == sections.end()) {
            std::abort();
        }
    }
    return 0;
}

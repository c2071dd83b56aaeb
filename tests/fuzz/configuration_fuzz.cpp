// The whole configuration reader, from bytes to compiled rules. Offline and without
// an environment: no file is opened, whatever the document names.
#include "config/configuration.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t longest = 64 * 1024;
    if (size > longest) {
        return 0;
    }
    // What is included depends on the machine's files.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
    if (std::string_view(reinterpret_cast<const char*>(data), size).contains("include")) {
        return 0;
    }
    using namespace bearward::config;
    load_options options;
    options.offline = true;
    options.environment = [](const std::string& name) -> std::optional<std::string> {
        return name == "SET" ? std::optional<std::string>("value") : std::nullopt;
    };
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
    const load_result result = load_text(std::string(reinterpret_cast<const char*>(data), size), "fuzz.yaml", options);
    bool failed = false;
    for (const diagnostic& each : result.diagnostics) {
        failed = failed || each.severity == diagnostic::kind::error;
        if (each.where.line < 1 || to_string(each).find('\n') != std::string::npos) {
            std::abort();
        }
    }
    // Either it loads or it says why not.
    if (failed == result.loaded.has_value()) {
        std::abort();
    }
    return 0;
}

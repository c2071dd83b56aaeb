// Whatever is written as a URL: what is accepted says in each of its parts what the text says,
// and puts nothing into a request line that would end it.
#include "config/url.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char byte) { return byte > 0x20 && byte < 0x7F; });
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto parsed = bearward::config::parse_url(input);
    if (!parsed) {
        must(!parsed.error().empty());
        return 0;
    }
    must(parsed->text == input && is_plain(input));
    must(input.find_first_of("#\\") == std::string_view::npos);
    must(parsed->target.starts_with('/') && is_plain(parsed->target) && is_plain(parsed->authority));
    must(parsed->server.port != 0 && !parsed->server.host.empty() && parsed->server.unix_path.empty());
    // Read naively the text has the same authority and the same target.
    const std::string_view scheme = parsed->secure ? "https://" : "http://";
    must(input.starts_with(scheme));
    const std::string_view rest = input.substr(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    const std::string_view behind = rest.substr(authority.size());
    must(parsed->target == (behind.starts_with('/') ? "" : "/") + std::string(behind));
    must(authority.starts_with(parsed->server.host) || authority.starts_with('[' + parsed->server.host + ']'));
    must(parsed->authority == authority || authority.starts_with(parsed->authority + ':'));
    // And what is sent, read again, is the same place.
    const auto again = bearward::config::parse_url(std::string(scheme) + parsed->authority + parsed->target);
    must(again.has_value() && again->server.host == parsed->server.host && again->server.port == parsed->server.port &&
         again->target == parsed->target && again->authority == parsed->authority);
    must(is_insecure(*parsed) || parsed->secure || parsed->server.host == "localhost" || parsed->server.host == "::1" ||
         parsed->server.host.starts_with("127."));
    return 0;
}

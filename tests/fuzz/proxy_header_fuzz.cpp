// A PROXY header: whatever the bytes are, the verdict is the same however they
// come in pieces, and what is accepted is a source that reads back as itself.
#include "policies/requests/network.hpp"
#include "proxy/downstream/proxy_header.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using bearward::config::proxy_protocol;
using bearward::proxy::downstream::parse_proxy_header;
using bearward::proxy::downstream::proxy_header;
using state = proxy_header::state;

void demand(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(std::string_view bytes, proxy_protocol accepted) {
    const auto whole = parse_proxy_header(bytes, accepted);
    const std::size_t end = whole.what == state::complete ? whole.size : bytes.size();
    demand(end <= bytes.size() && end <= (whole.what == state::refused ? bytes.size() : proxy_header::longest));
    bool refused = false;
    for (std::size_t size = 0; size < end; ++size) {
        const auto part = parse_proxy_header(bytes.substr(0, size), accepted);
        demand(part.what != state::complete);
        demand(!refused || part.what == state::refused); // no second chance
        refused = part.what == state::refused;
    }
    demand(!refused || whole.what == state::refused);
    if (whole.what == state::complete) {
        const auto alone = parse_proxy_header(bytes.substr(0, end), accepted);
        demand(alone.what == state::complete && alone.size == end && alone.source == whole.source);
    }
    if (!whole.source.empty()) {
        const auto address = bearward::policies::requests::parse_ip_address(whole.source);
        demand(address && to_string(*address) == whole.source);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // libFuzzer's bytes are unsigned; a view of text reads them as char.
    const std::string_view bytes(static_cast<const char*>(static_cast<const void*>(data)), size);
    for (const auto accepted : {proxy_protocol::v1, proxy_protocol::v2, proxy_protocol::any}) {
        check(bytes, accepted);
    }
    return 0;
}

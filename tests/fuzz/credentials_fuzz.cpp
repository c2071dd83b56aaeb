// Any bytes as headers and query. Input: one header or query a line, `N:VALUE`, where
// N picks the name; the first byte of the input picks the places. Whatever is accepted
// is one token68, nowhere repeated, and never among what is forwarded.
#include "policies/requests/credentials.hpp"
#include "policies/requests/target.hpp"
#include "policies/requests/token_forms.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bearward::policies::requests;

constexpr std::array<std::string_view, 6> header_names{"Authorization", "authorization", "X-Token",
                                                       "x-token",       "Cookie",        "Sec-WebSocket-Protocol"};

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct input {
    token_places places;
    bool websocket = false;
    std::vector<header> headers;
    std::string_view query;
};

input parse_input(std::string_view text) {
    input made;
    const auto flags = static_cast<unsigned char>(text.front());
    made.places = {.header = (flags & 1U) != 0, .query = (flags & 2U) != 0, .subprotocol = (flags & 4U) != 0, .cookie = (flags & 16U) != 0};
    made.websocket = (flags & 8U) != 0;
    text.remove_prefix(1);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.size() < 2 || line[1] != ':') {
            continue;
        }
        const auto kind = static_cast<std::size_t>(static_cast<unsigned char>(line[0]) % (header_names.size() + 1));
        if (kind == header_names.size()) {
            made.query = line.substr(2);
        } else {
            made.headers.push_back({header_names[kind], line.substr(2)});
        }
    }
    return made;
}

std::size_t count_headers(const input& from, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(from.headers, [&](const header& each) { return equal_names(each.name, name); }));
}

void check_accepted(const input& from, const found_credentials& found) {
    require(found.present == (found.in_header || found.in_query || found.in_subprotocol || found.in_cookie));
    require(!found.in_header || from.places.header);
    require(!found.in_query || from.places.query);
    require(!found.in_subprotocol || (from.places.subprotocol && from.websocket));
    require(!found.in_cookie || (from.places.cookie && !found.in_header && !found.in_query && !found.in_subprotocol));
    require(found.present == !found.token.empty());
    require(!found.present || is_token68(found.token));
    require(found.names < 2);
    if (from.places.header) {
        require(count_headers(from, "Authorization") <= 1 && count_headers(from, "X-Token") <= 1);
    }
    require(found.in_query || found.remaining_query == from.query);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const input from = parse_input({reinterpret_cast<const char*>(data), size});
    const std::array<credential_names, 2> names{credential_names{},
                                                credential_names{.header = "X-Token", .query_parameter = "tok", .cookie = "c"}};
    request_view request;
    request.method = "GET";
    request.query = from.query;
    request.websocket = from.websocket;
    request.headers = from.headers;
    credential_scratch scratch;
    found_credentials found;
    const auto outcome = find_credentials(request, from.places, names, scratch, found);
    if (outcome) {
        check_accepted(from, found);
    } else {
        require(outcome.error() == bearward::policies::reason::token_multiple ||
                outcome.error() == bearward::policies::reason::token_malformed);
    }
    for (const std::string_view entry : found.subprotocols.forwarded) {
        require(from.websocket && !is_jws(entry) && !entry.empty());
        require(!equal_names(entry, "bearer") && !equal_names(entry, "access_token") && !strip_bearer(entry));
        require(!found.in_subprotocol || !outcome || entry != found.token);
    }
    // Looked for again in what is left, the query holds no credential.
    if (from.places.query) {
        const std::string remaining(found.remaining_query);
        request.query = remaining;
        request.headers = {};
        found_credentials rest;
        require(find_credentials(request, from.places, names, scratch, rest).has_value() && !rest.present);
        require(rest.remaining_query == remaining);
    }
    return 0;
}

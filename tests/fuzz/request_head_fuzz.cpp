// A request head has one verdict however it is cut, and what is accepted reads
// the same when it is written again.
#include "tests/fuzz/http_fuzz.hpp"

using namespace bearward;
using namespace bearward::proxy::http;
using fuzz::demand;

namespace {

constexpr head_limits limits{.max_head = 4096, .max_target = 256, .max_headers = 16};

void check_accepted(std::string_view bytes, const request_head& head) {
    fuzz::demand_sound(head, bytes);
    demand(head.target.size() <= limits.max_target && head.fields.size() <= limits.max_headers && head.size <= limits.max_head);
    demand(head.framing != body_framing::until_close && head.method != "CONNECT" && head.method != "TRACE");
    demand(head.path.starts_with('/') && head.path.find_first_of("?#") == std::string_view::npos);
    demand(head.host.find_first_of("@%/?#, \\") == std::string::npos && head.authority.starts_with(head.host));
    demand(!head.host.empty() || head.minor_version == 0);
    std::string again{head.method};
    again.append(" ").append(head.target).append(" HTTP/1.").append(head.minor_version == 0 ? "0" : "1").append("\r\n");
    again += fuzz::write_fields(head);
    if (again.size() > limits.max_head) {
        return; // `Name:value` grows by a space
    }
    request_head second;
    demand(parse_request_head(again, limits, second).state == head_state::complete);
    fuzz::demand_same(head, second);
    demand(second.size == again.size() && second.path == head.path && second.query == head.query && second.host == head.host &&
           second.authority == head.authority && second.expects_continue == head.expects_continue);
    // The origin form with the authority in Host says the same.
    again = "GET " + std::string(head.path) + " HTTP/1.1\r\nHost: " + (head.host.empty() ? "x" : head.authority) + "\r\n\r\n";
    demand(parse_request_head(again, limits, second).state == head_state::complete);
    demand(second.path == head.path && (head.host.empty() || second.host == head.host));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto bytes = fuzz::text_of(data, size);
    request_head head;
    const auto whole = parse_request_head(bytes, limits, head);
    if (whole.state == head_state::complete) {
        check_accepted(bytes, head);
    } else if (whole.state == head_state::refused) {
        demand(whole.status >= 400 && whole.status <= 505 && !whole.detail.empty());
    }
    fuzz::demand_same_in_parts(whole, bytes, limits.max_head, [&](std::string_view part, std::size_t* scanned) {
        request_head parts;
        const auto now = parse_request_head(part, limits, parts, scanned);
        demand(now.state != head_state::complete || parts.size == head.size);
        return now;
    });
    return 0;
}

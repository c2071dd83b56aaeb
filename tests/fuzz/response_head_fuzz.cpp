// As request_head_fuzz, for what upstreams answer. The first byte chooses the
// request's method.
#include "tests/fuzz/http_fuzz.hpp"

using namespace bearward;
using namespace bearward::proxy::http;
using fuzz::demand;

namespace {

constexpr head_limits limits{.max_head = 4096, .max_target = 0, .max_headers = 16};

void check_accepted(std::string_view bytes, std::string_view method, const response_head& head) {
    fuzz::demand_sound(head, bytes);
    demand(head.status >= 100 && head.status <= 999);
    fuzz::demand_plain(head.reason_phrase);
    demand(head.framing != body_framing::until_close || !head.keep_alive);
    const bool bodiless = head.status < 200 || head.status == 204 || head.status == 304 || method == "HEAD";
    demand(bodiless == (head.framing == body_framing::none));
    std::string again = "HTTP/1." + std::string(head.minor_version == 0 ? "0 " : "1 ") + std::to_string(head.status) + " ";
    again.append(head.reason_phrase).append("\r\n").append(fuzz::write_fields(head));
    if (again.size() > limits.max_head) {
        return; // `Name:value` grows by a space
    }
    response_head second;
    demand(parse_response_head(again, limits, method, second).state == head_state::complete);
    fuzz::demand_same(head, second);
    demand(second.status == head.status && second.reason_phrase == head.reason_phrase && second.size == again.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view method = data[0] == 'H' ? "HEAD" : "GET";
    const auto bytes = fuzz::text_of(data + 1, size - 1);
    response_head head;
    const auto whole = parse_response_head(bytes, limits, method, head);
    if (whole.state == head_state::complete) {
        check_accepted(bytes, method, head);
    } else if (whole.state == head_state::refused) {
        demand(whole.status == 502 && !whole.detail.empty());
    }
    fuzz::demand_same_in_parts(whole, bytes, limits.max_head, [&](std::string_view part, std::size_t* scanned) {
        response_head parts;
        const auto now = parse_response_head(part, limits, method, parts, scanned);
        demand(now.state != head_state::complete || parts.size == head.size);
        return now;
    });
    return 0;
}

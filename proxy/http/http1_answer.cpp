#include "proxy/http/http1_answer.hpp"

namespace bearward::proxy::http {

bool may_follow_own_answer(const request_head& request, const request_rest& rest) noexcept {
    // An unread body that is too long: said at once. Chunked ones show it later.
    const bool short_body = request.framing != body_framing::content_length || request.content_length <= longest_dropped_body || rest.read;
    return rest.certain && request.keep_alive && short_body && !request.expects_continue;
}

bool leaves_doubt(const request_head& request, const request_rest& rest) noexcept {
    return (!rest.certain && !rest.begun) || (request.expects_continue && !rest.unread_here);
}

bool may_follow_response(const request_head& request, const request_rest& rest, bool client_ended) noexcept {
    return rest.certain && rest.read && request.keep_alive && (!client_ended || rest.unread_here);
}

bool finish_head(const request_head& request, bool has_body, bool may_go_on, outgoing_response& head) noexcept {
    const bool http10 = request.minor_version == 0;
    bool goes_on = may_go_on;
    if (http10 && head.framing() == body_framing::chunked) {
        head.choose_framing(has_body ? body_framing::until_close : body_framing::none);
        goes_on = may_go_on && !has_body;
    }
    head.choose_connection(!goes_on ? connection_use::closes : http10 ? connection_use::kept_alive : connection_use::persists);
    return goes_on;
}

} // namespace bearward::proxy::http

// HTTP/1's answers.
#include "proxy/exchange/client_stream.hpp"

#include "proxy/http/http1_answer.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

std::string_view client_stream::protocol_of(const http::request_head& request) noexcept {
    if (request.method.empty()) {
        return {};
    }
    return request.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

void client_stream::start_upload(http::body_pump& pump, read_buffer& read, stream& to, std::string_view head_text,
                                 const http::body_reader::plan& how) {
    pump.start(stream_.get(), read, to, head_text,
               {.in = how, .out = {.chunk = how.framing == http::body_framing::chunked}, .pipes = &owner_.pipes(), .loop = &owner_.loop()});
}

void client_stream::put_interim(const http::outgoing_response& head, std::string& text) {
    text.clear();
    http::write_head(head, text);
}

void client_stream::put_answer(const http::request_head& request, const http::request_rest& rest, http::outgoing_response& head,
                               std::string_view body, std::string& text) {
    const bool may_go_on = http::may_follow_own_answer(request, rest) && !owner_.draining();
    goes_on_ = http::finish_head(request, !body.empty(), may_go_on, head);
    leaves_doubt_ = http::leaves_doubt(request, rest);
    text.clear();
    http::write_head(head, text);
    text += body;
}

void client_stream::start_download(http::body_pump& pump, const http::request_head& request, const http::request_rest& rest,
                                   const client_watch& watched, http::outgoing_response& head, const response_body& body,
                                   std::string& text) {
    const bool client_ended = watched.ended() && !watched.has_more();
    const bool may_go_on = http::may_follow_response(request, rest, client_ended) && !owner_.draining();
    goes_on_ = http::finish_head(request, body.how.framing != http::body_framing::none, may_go_on, head);
    text.clear();
    http::write_head(head, text);
    // The head leaves with the first of the body, in one write.
    pump.start(&body.from, body.read, *stream_, text,
               {.in = body.how,
                .out = {.chunk = head.framing() == http::body_framing::chunked, .last = !goes_on_},
                .pass_trailers = request.accepts_trailers,
                .has_events = body.has_events,
                .pipes = &owner_.pipes(),
                .loop = &owner_.loop()});
}

} // namespace bearward::proxy

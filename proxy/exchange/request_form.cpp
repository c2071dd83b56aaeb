#include "proxy/exchange/request_form.hpp"

#include "proxy/websocket/handshake.hpp"

#include <utility>

namespace bearward::proxy {
namespace {

request_form& refuse(request_form& form, unsigned status, bool recoverable, std::string_view detail) {
    form.detail = detail;
    form.status = status;
    form.why = policies::reason::bad_request;
    form.recoverable = recoverable;
    return form;
}

} // namespace

request_form check_form(const http::request_head& head, policies::requests::path_rules rules, policies::requests::path_scratch& scratch) {
    request_form form;
    const auto path = policies::requests::parse_path(head.path, rules, scratch);
    if (!path) {
        form.path_fault = path.error();
        return refuse(form, 400, true, policies::row_of(policies::requests::path_error_table, path.error()).of_request);
    }
    form.path = *path;
    switch (websocket::classify_upgrade(head)) {
    case websocket::upgrade::none:
        break;
    case websocket::upgrade::websocket:
        form.websocket = true;
        break;
    case websocket::upgrade::malformed:
        return refuse(form, 400, false, "malformed WebSocket handshake");
    case websocket::upgrade::bad_version:
        return refuse(form, 426, true, "Sec-WebSocket-Version is not 13");
    }
    return form;
}

} // namespace bearward::proxy

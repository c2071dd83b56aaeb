#include "proxy/downstream/request_form.hpp"

#include "proxy/websocket/handshake.hpp"

namespace bearward::proxy::downstream {
namespace {

request_form& refuse(request_form& form, unsigned status, bool recoverable) {
    form.status = status;
    form.why = policies::reason::bad_request;
    form.recoverable = recoverable;
    return form;
}

} // namespace

request_form check_form(const http::request_head& head, policies::requests::ambiguous_paths ambiguous,
                        policies::requests::path_scratch& scratch) {
    request_form form;
    const auto path = policies::requests::parse_path(head.path, ambiguous, scratch);
    if (!path) {
        form.path_fault = path.error();
        return refuse(form, 400, true);
    }
    form.path = *path;
    switch (websocket::classify_upgrade(head)) {
    case websocket::upgrade::none:
        break;
    case websocket::upgrade::websocket:
        form.websocket = true;
        break;
    case websocket::upgrade::malformed:
        return refuse(form, 400, false);
    case websocket::upgrade::bad_version:
        return refuse(form, 426, true);
    }
    return form;
}

} // namespace bearward::proxy::downstream

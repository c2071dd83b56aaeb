#include "proxy/websocket/rejection.hpp"

namespace bearward::proxy::websocket {

bool rejects_by_close(const policies::denial& denied, const policies::answer& what, bool has_origin) noexcept {
    if (what.close_code == policies::close_code::none || denied.route == nullptr || !denied.route->websocket.enabled) {
        return false;
    }
    switch (denied.route->websocket.reject_with) {
    case policies::rules::rejection::close:
        return true;
    case policies::rules::rejection::http:
        return false;
    case policies::rules::rejection::automatic:
        return has_origin;
    }
    return false;
}

} // namespace bearward::proxy::websocket

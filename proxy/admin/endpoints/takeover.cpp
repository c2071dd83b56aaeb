#include "proxy/admin/endpoints/endpoints.hpp"

namespace bearward::proxy {

boost::asio::awaitable<admin_reply> endpoints::takeover(const admin_request&, const admin_source&) {
    admin_reply nothing;
    nothing.hands_over = true;
    co_return nothing;
}

} // namespace bearward::proxy

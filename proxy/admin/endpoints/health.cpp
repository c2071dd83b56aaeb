#include "proxy/admin/endpoints/endpoints.hpp"

namespace bearward::proxy {

boost::asio::awaitable<admin_reply> endpoints::health(const admin_request&, const admin_source&) {
    co_return make_json_reply(200, {{"status", "ok"}});
}

} // namespace bearward::proxy

#include "proxy/admin/endpoints/endpoints.hpp"

namespace bearward::proxy {

boost::asio::awaitable<admin_reply> endpoints::assertion_keys(const admin_request&, const admin_source& source) {
    co_return make_json_reply(200, source.assertion_keys());
}

} // namespace bearward::proxy

#include "proxy/admin/endpoints/endpoints.hpp"

namespace bearward::proxy {

boost::asio::awaitable<admin_reply> endpoints::readiness(const admin_request&, const admin_source& source) {
    if (const auto why_not = source.why_not_ready()) {
        co_return make_json_reply(503, {{"status", "not ready"}, {"reason", *why_not}});
    }
    co_return make_json_reply(200, {{"status", "ready"}});
}

} // namespace bearward::proxy

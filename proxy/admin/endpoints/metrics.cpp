#include "proxy/admin/endpoints/endpoints.hpp"
#include "proxy/telemetry/metrics_page.hpp"

namespace bearward::proxy {

boost::asio::awaitable<admin_reply> endpoints::metrics(const admin_request&, const admin_source& source) {
    co_return make_text_reply(source.metrics(), metrics_content_type);
}

} // namespace bearward::proxy

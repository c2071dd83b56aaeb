#include "proxy/admin/admin_reply.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace bearward::proxy {

admin_reply make_json_reply(unsigned status, const boost::json::object& body) {
    return {.status = status, .body = boost::json::serialize(body) + '\n', .content_type = "application/json"};
}

admin_reply make_text_reply(std::string body, std::string_view content_type) {
    return {.status = 200, .body = std::move(body), .content_type = content_type};
}

admin_reply make_empty_reply() {
    return {.status = 204, .body = {}, .content_type = {}};
}

admin_reply make_error_reply(unsigned status, std::string_view detail) {
    return make_json_reply(status, {{"detail", detail}});
}

} // namespace bearward::proxy

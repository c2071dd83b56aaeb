#include "proxy/http/trailers.hpp"

#include "proxy/http/field_kinds.hpp"
#include "proxy/http/syntax.hpp"

namespace bearward::proxy::http {

void make_downstream_trailers(std::string_view trailers, std::string& out) {
    while (!trailers.empty()) {
        const auto end = trailers.find("\r\n");
        const auto line = trailers.substr(0, end);
        trailers = end == std::string_view::npos ? std::string_view{} : trailers.substr(end + 2);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && may_be_trailer(line.substr(0, colon))) {
            out.append(line.substr(0, colon)).append(": ").append(trim(line.substr(colon + 1))).append("\r\n");
        }
    }
}

} // namespace bearward::proxy::http

// What an HTTP filter of Envoy is, by the type of its configuration.
#include "proxy/commands/import/envoy.hpp"

namespace bearward::proxy::commands::importing {
namespace {

using config::node;

/// Filters that refuse no request for who sends it.
constexpr std::string_view harmless_filters[] = {"router",
                                                 "compressor",
                                                 "decompressor",
                                                 "grpc_web",
                                                 "grpc_stats",
                                                 "health_check",
                                                 "buffer",
                                                 "gzip",
                                                 "stateful_session",
                                                 "cors",
                                                 "fault",
                                                 "tap",
                                                 "header_to_metadata",
                                                 "set_metadata",
                                                 "on_demand",
                                                 "local_ratelimit",
                                                 "ratelimit",
                                                 "grpc_http1_bridge",
                                                 "grpc_json_transcoder",
                                                 "cache"};

/// Of `type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors`: cors. Names are free, types are not.
std::string kind_of_filter(const node& of) {
    const node* const typed = typed_config(of);
    const std::string type = typed != nullptr ? text_at(*typed, "@type") : "";
    const std::string name = text_at(of, "name");
    if (type.empty()) {
        return name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
    }
    for (const std::string_view package : {"/envoy.extensions.filters.http.", "/envoy.config.filter.http."}) {
        if (const std::size_t begin = type.find(package); begin != std::string::npos) {
            const std::string rest = type.substr(begin + package.size());
            return rest.substr(0, rest.find('.'));
        }
    }
    return "";
}

} // namespace

std::string harmless_filter(const node& of) {
    const std::string kind = kind_of_filter(of);
    return is_in(harmless_filters, std::string_view(kind)) ? kind : "";
}

} // namespace bearward::proxy::commands::importing

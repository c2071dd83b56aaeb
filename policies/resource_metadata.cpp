#include "policies/resource_metadata.hpp"

namespace bearward::policies {

const resource_metadata* find_resource_metadata(std::span<const resource_metadata> all, const requests::request_view& request) noexcept {
    if (!request.path.path.starts_with(resource_metadata_path) || (request.method != "GET" && request.method != "HEAD")) {
        return nullptr;
    }
    for (const resource_metadata& each : all) {
        if (each.path == request.path.path && each.host == request.host) {
            return &each;
        }
    }
    return nullptr;
}

} // namespace bearward::policies

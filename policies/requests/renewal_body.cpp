#include "policies/requests/renewal_body.hpp"

#include "policies/jose/strict_json.hpp"
#include "policies/requests/subprotocols.hpp"

namespace bearward::policies::requests {

std::string parse_renewal_body(std::string_view body) {
    const auto read = jose::parse_json_object(body);
    const auto* const value = read ? read->if_contains("socket") : nullptr;
    const auto* const id = value == nullptr ? nullptr : value->if_string();
    return id != nullptr && is_socket_id({id->data(), id->size()}) ? std::string(id->data(), id->size()) : std::string();
}

} // namespace bearward::policies::requests

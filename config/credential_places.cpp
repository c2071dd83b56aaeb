#include "config/credential_places.hpp"

#include "config/dpop.hpp"

#include <variant>

namespace bearward::config {

bool has_certificates(const provider_settings& from) noexcept {
    return std::holds_alternative<certificate_provider_settings>(from.type);
}

const located_text& header_of(const provider_settings& from) {
    static const located_text nowhere;
    if (has_certificates(from)) {
        return nowhere;
    }
    const auto* const keys = std::get_if<api_keys_settings>(&from.type);
    return keys != nullptr ? keys->header : from.header;
}

policies::requests::credential_names names_of(const provider_settings& from) {
    if (has_certificates(from)) {
        return {.header = {}, .query_parameter = {}};
    }
    const bool api_keys = std::holds_alternative<api_keys_settings>(from.type);
    return {.header = header_of(from).value,
            .query_parameter = api_keys ? std::string() : from.query_parameter,
            .api_key = api_keys,
            .cookie = api_keys ? std::string() : from.cookie,
            .dpop = dpop_of(from) != policies::tokens::dpop_mode::off};
}

} // namespace bearward::config

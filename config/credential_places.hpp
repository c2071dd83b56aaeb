// Where the credentials of a provider are, whatever its type.
#pragma once

#include "config/settings.hpp"

namespace bearward::config {

/// Whether its credentials are the clients' certificates, which are in no part of a request.
[[nodiscard]] bool has_certificates(const provider_settings& from) noexcept;
/// Empty: none.
[[nodiscard]] const located_text& header_of(const provider_settings& from);
[[nodiscard]] policies::requests::credential_names names_of(const provider_settings& from);

} // namespace bearward::config

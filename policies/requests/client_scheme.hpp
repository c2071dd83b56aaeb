// The scheme of the client's own connection: what trusted proxies say of it, where all of them say
// the same (policies/BEHAVIOUR.md 16, proxy/BEHAVIOUR.md 4.9). Pure.
#pragma once

#include "policies/requests/request_view.hpp"

#include <span>
#include <string_view>

namespace bearward::policies::requests {

/// `http` or `https`; empty: nothing is said, or it is not believed.
[[nodiscard]] std::string_view believed_scheme(std::span<const header> fields, bool trusted_peer) noexcept;

/// What is believed, else that of the connection that we see.
[[nodiscard]] std::string_view client_scheme(const request_view& request) noexcept;

} // namespace bearward::policies::requests

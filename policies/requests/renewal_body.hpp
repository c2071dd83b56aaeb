// The body of a WebSocket's renewal: which socket goes on with the request's token (proxy/BEHAVIOUR.md 23). Pure.
#pragma once

#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// The ID in `{"socket": "ID"}`, strict JSON; other members mean nothing. Empty: the body is none, or it names none.
[[nodiscard]] std::string parse_renewal_body(std::string_view body);

} // namespace bearward::policies::requests

// Parts of an explained decision as JSON.
#pragma once

#include "policies/decision.hpp"
#include "policies/identity.hpp"
#include "policies/snapshot.hpp"
#include "proxy/http/head.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string_view>

namespace bearward::proxy::commands {

[[nodiscard]] boost::json::object describe_identity(const policies::identity& who);

/// The fields of an answer, by name.
[[nodiscard]] boost::json::object show_fields(std::span<const http::header> fields);

/// What a refusal says in its head. `closes`: by a WebSocket's Close, which has no challenge.
[[nodiscard]] boost::json::object describe_refusal_fields(const policies::denial& denied, std::string_view realm, bool closes);

/// Why a receiver of issuers' notices refuses a request that has a head alone.
[[nodiscard]] policies::reason judge_without_body(const policies::revocation_receiver& by, const http::request_head& head);

} // namespace bearward::proxy::commands

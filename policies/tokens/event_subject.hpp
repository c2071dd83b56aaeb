// Whom a security event is about: subject identifiers (RFC 9493) of the formats iss_sub and opaque,
// and complex ones (Shared Signals Framework 1.0 section 3.2) made of these.
#pragma once

#include "policies/refusal.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <string>

namespace bearward::policies::tokens {

/// What of a subject can be revoked; empty: it says nothing of that.
struct event_subject {
    std::string user;   ///< a `sub`
    std::string issuer; ///< of that `sub`; empty: who tells of the event
    std::string session;
    std::string tenant;
    bool narrower = false; ///< more is named than stands here: not all of the tenant is meant
};

/// A subject of a format that we don't act on is empty. Error: it is none of its own format.
[[nodiscard]] std::expected<event_subject, refusal> read_event_subject(const boost::json::object& identifier);

} // namespace bearward::policies::tokens

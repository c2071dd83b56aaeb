// Finds the bearer token of a request in the places that a route allows, and
// says what has to be removed before the request is forwarded (RFC 6750 section
// 2, policies/BEHAVIOUR.md 4 and 5). Views point into the request or into `scratch`.
#pragma once

#include "policies/reason.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/requests/subprotocols.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

/// Places where a token is accepted.
struct token_places {
    bool header = true;
    bool query = false;
    bool subprotocol = false;
    bool cookie = false; ///< looked at only where no other place holds a credential
};

/// The names under which a provider's credentials travel.
struct credential_names {
    std::string header = "Authorization";
    std::string query_parameter = "access_token"; ///< empty: never in the query
    bool api_key = false;                         ///< an API key, which is in the header alone, and raw
    std::string cookie{};                         ///< empty: none
    bool dpop = false;                            ///< `Authorization: DPoP TOKEN` is a credential too
    friend bool operator==(const credential_names&, const credential_names&) = default;
};

/// The outcome of the search.
struct found_credentials {
    std::string_view token;      ///< empty: no credential
    bool present = false;        ///< a credential was presented (its token may be empty: malformed)
    bool in_header = false;      ///< found in the header of `names`
    bool dpop_scheme = false;    ///< the header says DPoP, not Bearer
    bool in_query = false;       ///< found in the query
    bool in_subprotocol = false; ///< found in Sec-WebSocket-Protocol
    bool in_cookie = false;      ///< found in a cookie
    std::size_t names = 0;       ///< index of the credential_names under which it was found
    /// Further headers that carry the same token, under other names; they go with it.
    std::vector<std::string_view> more_headers;
    subprotocol_offer subprotocols; ///< filled for WebSocket handshakes
    /// The query less every token parameter that was looked at; equal to the
    /// request's query when nothing was removed.
    std::string_view remaining_query;
};

/// Memory for decoded tokens and the rewritten query; reused between requests.
struct credential_scratch {
    std::string token;
    std::string query;
    std::string subprotocol_token;
    std::string rest_of_query; ///< less what a guarded route took too
    std::string rate_key;
};

/// Errors: token_multiple (two different credentials, or a repeated header or
/// parameter), token_malformed (`Bearer` with nothing or something else than one
/// token after it, a marker without a token). On an error `subprotocols` of
/// `found` is filled all the same: a rejected handshake needs its echo.
[[nodiscard]] std::expected<void, reason> find_credentials(const request_view& request, const token_places& places,
                                                           std::span<const credential_names> names, credential_scratch& scratch,
                                                           found_credentials& found);

/// The query less the parameters named in `names`, but those named in `kept` too.
[[nodiscard]] std::string remove_parameters(std::string_view query, std::span<const credential_names> names,
                                            std::span<const credential_names> kept);

} // namespace bearward::policies::requests

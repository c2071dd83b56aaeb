// Cross-origin requests of pages (CORS, Fetch Standard section 3.2): which origins a route
// accepts, and what is a preflight. Pure; proxy/http/cors_fields writes the headers.
#pragma once

#include "policies/requests/request_view.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

/// An entry of allow_origins.
struct accepted_origin {
    enum class kind : std::uint8_t {
        exact,
        subdomains, ///< one label or more in place of `*`
        any,
    };
    kind what = kind::exact;
    std::string text; ///< as written; of kind::exact the origin itself
    /// Of kind::subdomains what stands around `*`: "https://" and ".example.com:8443".
    std::string before{};
    std::string after{};

    friend bool operator==(const accepted_origin&, const accepted_origin&) = default;
};

/// An origin as browsers write it: `scheme://host`, in lower case, with a port that is not
/// the scheme's own. Anything else is an error: a sentence that says what to write.
[[nodiscard]] std::expected<std::string, std::string> parse_exact_origin(std::string_view text);

/// The same, or `scheme://*.host`, or `*`.
[[nodiscard]] std::expected<accepted_origin, std::string> parse_accepted_origin(std::string_view text);

/// What a route says to pages of other origins. The lists are as they are sent; empty: not sent.
struct cors_rules {
    std::vector<accepted_origin> origins;
    std::string methods; ///< Access-Control-Allow-Methods
    std::string headers; ///< Access-Control-Allow-Headers
    std::string exposed; ///< Access-Control-Expose-Headers
    std::string max_age; ///< Access-Control-Max-Age, seconds
    bool credentials = false;
};

/// Who answers a route's preflights and writes the CORS headers of its answers.
enum class cors_use : std::uint8_t {
    off,    ///< nobody: a preflight is a request like any other
    rules,  ///< Bearward, by the route's rules
    passes, ///< the upstream, which gets preflights without a credential
};

struct cors_handling {
    cors_use use = cors_use::off;
    std::shared_ptr<const cors_rules> rules; ///< never null with cors_use::rules, else null
};

/// The value of the one Origin; empty: none, or several.
[[nodiscard]] std::string_view find_origin(std::span<const header> fields) noexcept;

/// What Access-Control-Allow-Origin says to a request with these fields: its Origin, or `*`;
/// empty: its origin is not accepted, or it has none. A view into `fields` or `rules`.
[[nodiscard]] std::string_view allowed_origin(const cors_rules& rules, std::span<const header> fields) noexcept;

/// The method that a preflight asks about; empty: it is no preflight. One is OPTIONS with one
/// Origin and one Access-Control-Request-Method, which is a token.
[[nodiscard]] std::string_view find_preflight_method(const request_view& request) noexcept;

/// Whether a browser sends a header of this name in a preflight by itself: what the upstream may
/// see of a preflight that nobody has judged.
[[nodiscard]] bool is_preflight_header(std::string_view name) noexcept;

/// Whether a response header is of CORS: `Access-Control-*`.
[[nodiscard]] bool is_cors_header(std::string_view name) noexcept;

} // namespace bearward::policies::requests

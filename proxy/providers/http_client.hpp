// One HTTP request on a connection of its own, for what the proxy itself fetches: keys,
// what an issuer says of a token. Never on the path of requests.
#pragma once

#include "config/url.hpp"
#include "proxy/tls/client_context.hpp"
#include "proxy/upstream/connect_context.hpp"

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy::providers {

struct http_request {
    std::string method = "GET";
    config::url to;
    /// Besides Host, User-Agent, Connection and Content-Length.
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

struct http_answer {
    unsigned status = 0;
    std::string body;
    std::string cache_control; ///< empty: none
    std::string age;           ///< likewise
};

struct http_limits {
    std::chrono::milliseconds timeout{}; ///< for all of it, names included
    std::size_t max_body = 0;            ///< bytes; a longer answer is a failure
};

/// The answer, whole, whatever its status; redirects are not followed. Error: a sentence, with the
/// server's address. `tls`: whom to believe; null for http. On the thread of `with`.
[[nodiscard]] awaitable<std::expected<http_answer, std::string>>
send_request(upstream::connect_context with, http_request request, std::shared_ptr<const tls::client_context> tls, http_limits limits);

} // namespace bearward::proxy::providers

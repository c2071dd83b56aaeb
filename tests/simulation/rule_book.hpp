// One configuration, read twice: as YAML by the proxy, and by a few naive lines here that
// say what is to come of a request. What the two disagree about is a fault.
#pragma once

#include "config/configuration.hpp"
#include "tests/simulation/credentials.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::simulation {

/// As the configuration has them.
inline constexpr std::chrono::seconds request_head_timeout{5};
inline constexpr std::chrono::seconds connect_timeout{2};

struct rule {
    std::string prefix;
    bool token_required = true;
    std::string role;                 ///< empty: any
    bool own_tenant = false;          ///< the segment behind the prefix is the token's tenant
    std::vector<std::string> methods; ///< empty: all
    std::optional<std::size_t> max_body;
    bool close_on_expiry = true;
    bool patient = false; ///< no response_timeout
    bool renewal = false; ///< of its WebSockets' tokens
};

/// What may come of a request, by the status of a refusal; permitted is 0.
enum class verdict { permitted = 0, unauthenticated = 401, forbidden = 403, no_such_method = 405, too_large = 413 };

struct rule_book {
    std::vector<rule> rules; ///< the first is "/"
    bool looks_at_revocations = false;
    std::vector<unsigned short> servers; ///< ports on 127.0.0.1; named "app.test" when `by_name`
    bool by_name = false;
    bool client_tls = false;
    bool upstream_tls = false;
    bool proxy_headers = false;
    config::configuration loaded;

    [[nodiscard]] const rule& find(std::string_view path) const;
    /// At one moment.
    [[nodiscard]] verdict judge(std::string_view method, std::string_view path, const credential& who, std::optional<std::size_t> body_size,
                                nanoseconds now) const;
};

/// Of the shapes that a scenario keeps through reloads: what its listener and servers speak.
struct transport {
    bool client_tls = false;
    bool upstream_tls = false;
    bool proxy_headers = false;
};

/// The configuration of that number; made once a process.
[[nodiscard]] const rule_book& find_rule_book(const transport& speaks, unsigned number);
inline constexpr unsigned rule_book_count = 24;

/// Where apps listen.
inline constexpr unsigned short app_ports[] = {8001, 8002, 8003};

} // namespace bearward::simulation

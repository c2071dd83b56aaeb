// Values that the peers write in ways of their own: addresses, durations, URLs of servers. Pure.
#pragma once

#include "proxy/commands/import/model.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::commands::importing {

/// `:8080`, `http://0.0.0.0:8080`, `unix:///run/x` and `unix:/run/x` as ours; nothing for what is no address.
[[nodiscard]] std::optional<std::string> to_listen_address(std::string_view written);

/// `1h30m`, `30s`, `1.5s`, `60` (seconds) as ours, brought within the bounds; nothing for what is no duration.
[[nodiscard]] std::optional<std::string> to_duration(std::string_view written,
                                                     std::chrono::milliseconds least = std::chrono::milliseconds(100),
                                                     std::chrono::milliseconds most = std::chrono::hours(1));

/// A server by its URL: http, https (with TLS) or unix. What follows the host is left to the caller in `path`.
struct named_server {
    std::string address;
    bool tls = false;
    std::string path;
};
[[nodiscard]] std::optional<named_server> to_server(std::string_view url);

/// The name of the upstream with these servers, which is added where none has them.
std::string find_upstream(imported& out, const upstream& like);

/// Whether it can be the name of a field that routes may set or remove.
[[nodiscard]] bool is_settable_header(std::string_view name);

[[nodiscard]] std::string to_lower(std::string_view text);

/// Discovery at the issuer, where it is a URL; else a placeholder.
void find_keys_by_discovery(provider& of, const std::string& issuer, imported& out, int line);

} // namespace bearward::proxy::commands::importing

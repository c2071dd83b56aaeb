// What the user wrote, as plain values: defaults inline, units in the types. No
// behaviour here; fields.cpp declares how each is read, checked and documented.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

using std::chrono::milliseconds;

/// Where something was written, for messages.
struct mark {
    std::string file;
    int line = 0;   ///< from 1; 0: nowhere
    int column = 0; ///< from 1
};

/// host:port, [v6]:port or unix:/path.
struct endpoint {
    std::string text; ///< as written
    std::string host; ///< without brackets; empty for unix sockets
    std::uint16_t port = 0;
    std::string unix_path; ///< empty for TCP
};

struct listener_settings {
    std::string name;
    endpoint address;
};

struct admin_settings {
    std::optional<endpoint> address; ///< nothing: `off`
    std::vector<std::string> hosts;
};

struct upstream_settings {
    std::string name;
    std::vector<endpoint> servers;
    milliseconds connect_timeout{2'000};
    milliseconds response_timeout{60'000}; ///< 0: none
    milliseconds idle_timeout{60'000};
    std::size_t max_idle_connections = 128;
    bool forward_host = true;
};

struct limit_settings {
    std::size_t max_connections = 20'000;
    milliseconds request_head_timeout{10'000};
    milliseconds request_body_timeout{30'000};
    milliseconds write_timeout{30'000};
    milliseconds idle_timeout{75'000};
    std::size_t max_request_head = 32 * 1024;
    std::size_t max_request_target = 16 * 1024;
    std::size_t max_request_headers = 128;
    std::size_t max_response_head = 64 * 1024;
    std::size_t max_token = 16 * 1024;
    milliseconds drain_timeout{30'000};
};

enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { json, text };
enum class access_log_mode : std::uint8_t { on, off, rejects };

struct log_settings {
    log_level level = log_level::info;
    log_format format = log_format::json;
    access_log_mode access = access_log_mode::on;
    bool identity = true;
    std::string output = "stderr"; ///< stderr, stdout or a path
};

enum class error_format : std::uint8_t { detail };

struct error_settings {
    error_format format = error_format::detail;
    bool expose_reason = false;
    std::string realm = "bearward";
};

} // namespace bearward::config

#include "proxy/commands/import/nginx_http.hpp"

#include "config/endpoint.hpp"
#include "policies/ascii.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include <algorithm>
#include <array>

namespace bearward::proxy::commands::importing {
namespace {

using std::string_view;

/// As whole names.
constexpr std::array<string_view, 61> harmless{"user",
                                               "set",
                                               "pid",
                                               "events",
                                               "error_log",
                                               "access_log",
                                               "log_format",
                                               "log_not_found",
                                               "sendfile",
                                               "aio",
                                               "types",
                                               "types_hash_max_size",
                                               "default_type",
                                               "server_tokens",
                                               "charset",
                                               "index",
                                               "autoindex",
                                               "expires",
                                               "etag",
                                               "add_header",
                                               "add_trailer",
                                               "error_page",
                                               "send_timeout",
                                               "reset_timedout_connection",
                                               "lingering_close",
                                               "lingering_timeout",
                                               "large_client_header_buffers",
                                               "underscores_in_headers",
                                               "ignore_invalid_headers",
                                               "merge_slashes",
                                               "absolute_redirect",
                                               "port_in_redirect",
                                               "server_name_in_redirect",
                                               "recursive_error_pages",
                                               "http2",
                                               "http3",
                                               "quic_retry",
                                               "limit_req_status",
                                               "limit_req_log_level",
                                               "limit_conn_zone",
                                               "limit_conn_status",
                                               "limit_conn_log_level",
                                               "limit_rate",
                                               "limit_rate_after",
                                               "real_ip_header",
                                               "real_ip_recursive",
                                               "proxy_redirect",
                                               "proxy_http_version",
                                               "proxy_intercept_errors",
                                               "proxy_connect_timeout",
                                               "proxy_send_timeout",
                                               "proxy_request_buffering",
                                               "proxy_pass_request_headers",
                                               "proxy_pass_request_body",
                                               "proxy_cookie_path",
                                               "proxy_cookie_domain",
                                               "chunked_transfer_encoding",
                                               "load_module",
                                               "pcre_jit",
                                               "stub_status",
                                               "auth_basic_user_file"};
/// As beginnings.
constexpr std::array<string_view, 27> harmless_beginnings{
    "worker_",        "tcp_",           "keepalive_",          "gzip",        "brotli",
    "ssl_protocols",  "ssl_ciphers",    "ssl_prefer",          "ssl_session", "ssl_dhparam",
    "ssl_ecdh",       "ssl_stapling",   "ssl_verify_depth",    "ssl_conf",    "ssl_buffer",
    "ssl_early",      "resolver",       "proxy_buffer",        "proxy_busy",  "proxy_max_temp",
    "proxy_temp",     "proxy_cache",    "proxy_next_upstream", "proxy_hide_", "client_body_",
    "client_header_", "open_file_cache"};
constexpr std::array<string_view, 8> more_beginnings{"server_names_hash", "map_hash",       "variables_hash", "proxy_headers_hash",
                                                     "proxy_ssl_",        "proxy_no_cache", "proxy_ignore_",  "auth_jwt_key_cache"};

upstream read_upstream(const nginx_directive& of, imported& out) {
    upstream made{.name = of.word(0), .servers = {}};
    for (const nginx_directive& each : of.block) {
        if (each.name == "server") {
            std::string address = each.word(0);
            const auto has = [&](const char* word) { return is_in(each.words, std::string(word)); };
            if (!address.starts_with("unix:") && address.rfind(':') == std::string::npos) {
                address += ":80";
            }
            if (has("down")) {
                continue;
            }
            if (each.words.size() > 1) {
                out.say(each.line, "parameters of a server of an upstream are not translated: it is used like the others");
            }
            if (config::parse_endpoint(address)) {
                made.servers.push_back(address);
            } else {
                out.say(each.line, "a server whose address can't be one here");
            }
        } else if (each.name == "least_conn") {
            made.least_connections = true;
        } else if (!each.name.starts_with("keepalive") && each.name != "zone") {
            out.say(each.line, each.name + " of an upstream: not translated");
        }
    }
    if (made.servers.empty()) {
        out.say(of.line, "an upstream without servers: fill them in");
        made.servers = {unknown_server};
    }
    return made;
}

std::string variable(const std::string& word) {
    return word.starts_with('$') && word.find_first_of("${}", 1) == std::string::npos ? word.substr(1) : std::string();
}

nginx_map read_map(const nginx_directive& of) {
    nginx_map made{.source = variable(of.word(0)), .good = {}};
    made.understood = !made.source.empty();
    for (const nginx_directive& each : of.block) {
        const std::string result = each.word(0);
        const bool good = !result.empty() && result != "0";
        if (each.name == "default" || each.name == "include" || each.words.size() != 1 || result.contains('$')) {
            made.understood = made.understood && !good && each.name == "default";
        } else if (each.name.empty() || each.name.starts_with('~')) {
            continue; // fewer are good
        } else if (good) {
            made.good.push_back(each.name.starts_with('\\') ? each.name.substr(1) : each.name);
        }
    }
    return made;
}

void read_zone(const nginx_directive& of, nginx_http& into, imported& out) {
    std::string zone;
    std::string rate;
    for (const std::string& word : of.words) {
        if (word.starts_with("zone=")) {
            zone = word.substr(5, word.find(':') - 5);
        } else if (word.starts_with("rate=")) {
            rate = word.substr(5);
        }
    }
    const bool address = of.word(0) == "$binary_remote_addr" || of.word(0) == "$remote_addr";
    const std::size_t unit = rate.find("r/");
    const bool number = unit != std::string::npos && unit > 0 && unit < 7 &&
                        std::ranges::all_of(rate.substr(0, unit), policies::is_digit) && rate[0] != '0';
    if (address && number && (rate.ends_with("/s") || rate.ends_with("/m"))) {
        into.zones[zone] = rate.substr(0, unit) + rate.substr(unit + 1);
    } else {
        out.say(of.line, "limit_req_zone: only rates per address are translated");
    }
}

} // namespace

bool is_harmless_nginx(const std::string& directive) {
    const auto begins = [&](string_view each) { return directive.starts_with(each); };
    return is_in(harmless, string_view(directive)) || std::ranges::any_of(harmless_beginnings, begins) ||
           std::ranges::any_of(more_beginnings, begins);
}

std::string claim_of_variable(const std::string& name, const nginx_http& http) {
    if (const auto set = http.claim_variables.find(name); set != http.claim_variables.end()) {
        return set->second;
    }
    return name.starts_with("jwt_claim_") ? name.substr(10) : std::string();
}

std::string nginx_size(const std::string& written) {
    const std::size_t digits = static_cast<std::size_t>(std::ranges::find_if_not(written, policies::is_digit) - written.begin());
    const std::string unit = to_lower(written.substr(digits));
    if (digits == 0 || digits > 9 || (digits > 1 && written[0] == '0')) {
        return "";
    }
    const std::string number = written.substr(0, digits);
    if (number == "0") {
        return "0";
    }
    return unit.empty() ? number : unit == "k" ? number + "KiB" : unit == "m" ? number + "MiB" : unit == "g" ? number + "GiB" : "";
}

nginx_http read_nginx_http(const nginx_file& file, imported& out) {
    nginx_http made;
    std::vector<const nginx_directive*> all;
    for (const nginx_directive& each : file.directives) {
        if (each.name == "http" && each.has_block) {
            for (const nginx_directive& inner : each.block) {
                all.push_back(&inner);
            }
        } else if (each.name == "stream" || each.name == "mail") {
            out.say(each.line, each.name + ": Bearward forwards HTTP alone");
        } else {
            all.push_back(&each);
        }
    }
    for (const nginx_directive* each : all) {
        if (each->name == "server" && each->has_block) {
            made.servers.push_back(each);
        } else if (each->name == "upstream" && each->has_block) {
            made.upstreams.insert_or_assign(each->word(0), read_upstream(*each, out));
        } else if (each->name == "map" && each->has_block) {
            made.maps.insert_or_assign(variable(each->word(1)), read_map(*each));
        } else if (each->name == "auth_jwt_claim_set") {
            std::string claim;
            for (std::size_t i = 1; i < each->words.size(); ++i) {
                claim += (i > 1 ? "." : "") + each->words[i];
            }
            made.claim_variables.insert_or_assign(variable(each->word(0)), claim);
        } else if (each->name == "limit_req_zone") {
            read_zone(*each, made, out);
        } else if (each->name == "set_real_ip_from") {
            made.trusted_proxies.push_back(each->word(0));
        } else {
            made.scope.push_back(each);
        }
    }
    return made;
}

} // namespace bearward::proxy::commands::importing

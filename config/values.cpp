#include "config/values.hpp"

#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/scalars.hpp"
#include "config/section.hpp"
#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

boost::json::value show_endpoint(const endpoint& address) {
    return boost::json::value(address.text);
}

boost::json::value show_text(const std::string& value) {
    return boost::json::value(value);
}

/// `danger`: what http to another machine means here.
codec<located<url>> careful_url(std::string danger) {
    codec<located<url>> made = placed(parsed<url>(
        "an https:// URL", [](std::string_view written) { return parse_url(written); },
        [](const url& value) -> boost::json::value {
            return value.text.empty() ? boost::json::value(nullptr) : boost::json::value(value.text);
        }));
    made.read = [read = made.read, danger = std::move(danger)](reading& state, const cursor& at, located<url>& out) {
        if (!read(state, at, out)) {
            return false;
        }
        if (is_insecure(out.value)) {
            state.warning(out.at, warning_code::insecure_url, danger + "; use https://");
        }
        return true;
    };
    return made;
}

} // namespace

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, policies::is_tchar);
}

codec<endpoint> server_address() {
    return parsed<endpoint>(
        "host:port, [v6]:port or unix:/path",
        [](std::string_view written) -> std::expected<endpoint, std::string> {
            auto address = parse_endpoint(written);
            if (!address && written.starts_with("https:")) {
                return std::unexpected(address.error() + ", and `tls: {}` beside `servers`");
            }
            if (address && address->unix_path.empty() && address->port == 0) {
                return std::unexpected("the port must be between 1 and 65535");
            }
            return address;
        },
        show_endpoint);
}

codec<located<url>> fetched_url() {
    return careful_url("comes over http:// from another host: whoever is between can answer in its place");
}

codec<located<url>> told_url() {
    return careful_url("goes over http:// to another host: whoever is between can read it");
}

codec<double> fraction() {
    codec<double> made;
    made.form.type = shape::kind::fraction;
    made.form.expected = "a number from 0 to 1";
    made.read = [form = made.form](reading& state, const cursor& at, double& out) {
        const bool readable = at.value.type == node::kind::scalar && (at.value.plain || at.value.substituted);
        const auto value = readable ? parse_fraction(at.value.text) : std::nullopt;
        if (!value) {
            return refuse(state, at, form);
        }
        out = *value;
        return true;
    };
    made.show = [](const double& value) -> boost::json::value { return value; };
    return made;
}

codec<endpoint> listen_address() {
    return parsed<endpoint>(
        "host:port, [v6]:port or unix:/path",
        [](std::string_view written) {
            auto address = parse_endpoint(written);
            if (!address && written.starts_with("https:")) {
                address.error() += ", and `tls` with certificates beside it";
            }
            return address;
        },
        show_endpoint);
}

codec<std::string> file_path() {
    codec<std::string> made = text("the path of a file");
    made.read = [read = made.read](reading& state, const cursor& at, std::string& out) {
        if (!read(state, at, out)) {
            return false;
        }
        out = state.resolve(at, out);
        return true;
    };
    return made;
}

codec<std::string> header_name() {
    return parsed<std::string>(
        "the name of a header",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            if (!is_token(written)) {
                return std::unexpected("not a header's name");
            }
            return std::string(written);
        },
        show_text);
}

codec<std::string> field_value() {
    return parsed<std::string>(
        "printable ASCII without spaces around it",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool printable = std::ranges::all_of(written, [](char letter) { return letter >= 0x20 && letter <= 0x7E; });
            if (!printable || written.starts_with(' ') || written.ends_with(' ')) {
                return std::unexpected("not a header's value");
            }
            return std::string(written);
        },
        show_text);
}

codec<policies::requests::trusted_peers> trusted_proxies() {
    using policies::requests::trusted_peers;
    static constexpr std::string_view unix_word = "unix:";
    const codec<std::string> one = parsed<std::string>(
        "an address such as 10.0.0.1, a network such as 10.0.0.0/8, or unix:",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            if (written == unix_word) {
                return std::string(written);
            }
            const auto net = policies::requests::parse_network(written);
            return net ? std::expected<std::string, std::string>(written) : std::unexpected(net.error());
        },
        show_text);
    return converted<trusted_peers, std::vector<std::string>>(
        list(one),
        [](const std::vector<std::string>& written) {
            trusted_peers made;
            for (const std::string& each : written) {
                if (const auto net = policies::requests::parse_network(each)) {
                    made.networks.push_back(*net);
                } else {
                    made.unix_sockets = true;
                }
            }
            return made;
        },
        [](const trusted_peers& from) {
            std::vector<std::string> shown;
            shown.reserve(from.networks.size() + 1);
            for (const auto& each : from.networks) {
                shown.push_back(to_string(each));
            }
            if (from.unix_sockets) {
                shown.emplace_back(unix_word);
            }
            return shown;
        });
}

codec<std::string> server_name() {
    return parsed<std::string>(
        "a host name or an IP address",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool good = policies::requests::parse_ip_address(written) || parse_endpoint(std::string(written) + ":443");
            return good ? std::expected<std::string, std::string>(written) : std::unexpected("not a host name or address");
        },
        show_text);
}

codec<bool> on_or_off() {
    return word<bool>({{"on", true}, {"off", false}});
}

codec<identity_source> identity_value() {
    return parsed<identity_source>(
        "user, tenant, roles, scopes, provider, claims.PATH or certificate.NAME",
        [](std::string_view written) -> std::expected<identity_source, std::string> {
            std::vector<std::string> words{"user", "tenant", "roles", "scopes", "provider"};
            for (const auto& row : policies::requests::certificate_fact_table) {
                words.emplace_back(row.word);
            }
            std::vector<std::string> accepted = words;
            accepted.emplace_back("claims.PATH");
            constexpr std::string_view claims = "claims.";
            if (written.starts_with(claims)) {
                auto path = policies::tokens::claim_path::parse(written.substr(claims.size()));
                return path ? std::expected<identity_source, std::string>(identity_source{std::string(written)})
                            : std::unexpected(std::move(path.error()));
            }
            if (std::ranges::find(words, written) == words.end()) {
                const std::string near = suggest(written, accepted);
                return std::unexpected(near.empty() ? "unknown source" : "unknown source; accepted: " + join(accepted) + near);
            }
            return identity_source{std::string(written)};
        },
        [](const identity_source& from) -> boost::json::value { return boost::json::value(from.word); });
}

codec<policies::requests::token_places> token_places(bool with_subprotocol) {
    using places = policies::requests::token_places;
    std::vector<std::pair<std::string, int>> accepted{{"header", 0}, {"query", 1}, {"cookie", 3}};
    if (with_subprotocol) {
        accepted.emplace_back("subprotocol", 2);
    }
    return converted<places, std::vector<int>>(
        list(word<int>(accepted), 1),
        [](const std::vector<int>& words) {
            const auto has = [&](int word) { return std::ranges::find(words, word) != words.end(); };
            return places{.header = has(0), .query = has(1), .subprotocol = has(2), .cookie = has(3)};
        },
        [](const places& from) {
            std::vector<int> words;
            if (from.header) {
                words.push_back(0);
            }
            if (from.query) {
                words.push_back(1);
            }
            if (from.subprotocol) {
                words.push_back(2);
            }
            if (from.cookie) {
                words.push_back(3);
            }
            return words;
        });
}

} // namespace bearward::config

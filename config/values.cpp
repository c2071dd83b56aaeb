#include "config/values.hpp"

#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/section.hpp"
#include "policies/requests/origin.hpp"
#include "policies/rules/route_table.hpp"

#include <algorithm>
#include <array>

namespace bearward::config {

namespace {

boost::json::value show_endpoint(const endpoint& address) {
    return boost::json::value(address.text);
}

boost::json::value show_text(const std::string& value) {
    return boost::json::value(value);
}

std::string to_upper(std::string_view text) {
    std::string upper(text);
    for (char& letter : upper) {
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    return upper;
}

std::expected<std::string, std::string> parse_method(std::string_view written) {
    constexpr std::array<std::string_view, 9> usual{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};
    const std::string upper = to_upper(written);
    if (upper != written && std::ranges::find(usual, upper) != usual.end()) {
        return std::unexpected("methods are case-sensitive; did you mean '" + upper + "'?");
    }
    if (!is_token(written)) {
        return std::unexpected("not a method");
    }
    return std::string(written);
}

std::expected<std::optional<policies::rules::operand>, std::string> parse_operand(std::string_view written) {
    if (written.find_first_of("{}") == std::string_view::npos) {
        return policies::rules::operand{std::string(written), false};
    }
    const bool whole =
        written.size() > 2 && written.front() == '{' && written.back() == '}' && written.find_first_of("{}", 1) == written.size() - 1;
    if (!whole) {
        return std::unexpected("a capture stands alone, as in \"{tenant_id}\"");
    }
    return policies::rules::operand{std::string(written.substr(1, written.size() - 2)), true};
}

codec<policies::tokens::claim_path> claim_path() {
    return parsed<policies::tokens::claim_path>(
        "the path of a claim such as sub or realm_access.roles", parse_claim_path,
        [](const policies::tokens::claim_path& path) -> boost::json::value { return boost::json::value(join_claim_path(path)); });
}

} // namespace

std::string join_claim_path(const policies::tokens::claim_path& path) {
    std::string text;
    for (const std::string& step : path) {
        text += text.empty() ? step : "." + step;
    }
    return text;
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
    });
}

std::expected<policies::tokens::claim_path, std::string> parse_claim_path(std::string_view text) {
    if (text.find("://") != std::string_view::npos) {
        return policies::tokens::claim_path{std::string(text)};
    }
    policies::tokens::claim_path path;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('.', at), text.size());
        if (end == at) {
            return std::unexpected("an empty name in the path");
        }
        path.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return path;
}

codec<endpoint> server_address() {
    return parsed<endpoint>(
        "host:port, [v6]:port or unix:/path",
        [](std::string_view written) -> std::expected<endpoint, std::string> {
            auto address = parse_endpoint(written);
            if (address && address->unix_path.empty() && address->port == 0) {
                return std::unexpected("the port must be between 1 and 65535");
            }
            return address;
        },
        show_endpoint);
}

codec<endpoint> listen_address() {
    return parsed<endpoint>("host:port, [v6]:port or unix:/path", parse_endpoint, show_endpoint);
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

codec<std::string> method() {
    return parsed<std::string>("a method such as GET", parse_method, show_text);
}

codec<std::string> host_pattern() {
    return parsed<std::string>("a host such as api.example.com or *.example.com", parse_host_pattern, show_text);
}

codec<std::string> origin() {
    return parsed<std::string>("an origin such as https://app.example.com, or \"null\"", policies::requests::parse_origin, show_text);
}

codec<std::string> route_path() {
    return parsed<std::string>(
        "a path such as /tenants/{tenant_id}",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            auto segments = policies::rules::parse_pattern(written);
            if (!segments) {
                return std::unexpected(std::move(segments.error()));
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

codec<std::vector<policies::tokens::claim_path>> claim_paths() {
    using paths = std::vector<policies::tokens::claim_path>;
    codec<policies::tokens::claim_path> one = claim_path();
    codec<paths> single = converted<paths, policies::tokens::claim_path>(
        one, [](policies::tokens::claim_path path) { return paths{std::move(path)}; },
        [](const paths& all) { return all.empty() ? policies::tokens::claim_path() : all.front(); });
    codec<paths> several = list(one, 1);
    auto show = [single, several](const paths& all) { return all.size() == 1 ? single.show(all) : several.show(all); };
    return choice<paths>({{is_scalar, single}, {is_list, several}}, show);
}

codec<identity_source> identity_value() {
    return parsed<identity_source>(
        "user, tenant, roles, scopes, provider or claims.PATH",
        [](std::string_view written) -> std::expected<identity_source, std::string> {
            const std::vector<std::string> words{"user", "tenant", "roles", "scopes", "provider"};
            constexpr std::string_view claims = "claims.";
            if (written.starts_with(claims)) {
                auto path = parse_claim_path(written.substr(claims.size()));
                return path ? std::expected<identity_source, std::string>(identity_source{std::string(written)})
                            : std::unexpected(std::move(path.error()));
            }
            if (std::ranges::find(words, written) == words.end()) {
                return std::unexpected("unknown source" + suggest(written, words));
            }
            return identity_source{std::string(written)};
        },
        [](const identity_source& from) -> boost::json::value { return boost::json::value(from.word); });
}

codec<std::optional<policies::rules::operand>> operand() {
    using value = std::optional<policies::rules::operand>;
    return parsed<value>("a value or \"{capture}\"", parse_operand, [](const value& shown) -> boost::json::value {
        if (!shown) {
            return nullptr;
        }
        return boost::json::value(shown->is_capture ? '{' + shown->text + '}' : shown->text);
    });
}

codec<policies::requests::token_places> token_places(bool with_subprotocol) {
    using places = policies::requests::token_places;
    std::vector<std::pair<std::string, int>> accepted{{"header", 0}, {"query", 1}};
    if (with_subprotocol) {
        accepted.emplace_back("subprotocol", 2);
    }
    return converted<places, std::vector<int>>(
        list(word<int>(accepted), 1),
        [](const std::vector<int>& words) {
            const auto has = [&](int word) { return std::ranges::find(words, word) != words.end(); };
            return places{.header = has(0), .query = has(1), .subprotocol = has(2)};
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
            return words;
        });
}

} // namespace bearward::config

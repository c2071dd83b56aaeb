#include "proxy/commands/import/peer_values.hpp"

#include "config/endpoint.hpp"
#include "config/scalars.hpp"
#include "config/url.hpp"
#include "policies/ascii.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace bearward::proxy::commands::importing {
namespace {

using std::chrono::milliseconds;

bool is_address(const std::string& text) {
    return config::parse_endpoint(text).has_value();
}

/// Decimals with an optional fraction of milliseconds' worth.
std::optional<double> take_number(std::string_view& text) {
    std::size_t length = 0;
    double value = 0;
    double scale = 0;
    for (; length < text.size() && length < 12; ++length) {
        if (policies::is_digit(text[length])) {
            value = value * 10 + (text[length] - '0');
            scale *= 10;
        } else if (text[length] == '.' && scale == 0) {
            scale = 1;
        } else {
            break;
        }
    }
    text.remove_prefix(length);
    return length == 0 ? std::nullopt : std::optional(scale > 1 ? value / scale : value);
}

} // namespace

std::optional<std::string> to_listen_address(std::string_view written) {
    std::string text(written);
    for (const std::string_view scheme : {"http://", "https://", "tcp://"}) {
        if (text.starts_with(scheme)) {
            text.erase(0, scheme.size());
        }
    }
    if (text.starts_with("unix://")) {
        text.erase(5, 2);
    }
    if (text.starts_with(':') || text.starts_with("*:")) {
        text = "0.0.0.0" + text.substr(text.find(':'));
    }
    return is_address(text) ? std::optional(text) : std::nullopt;
}

std::optional<std::string> to_duration(std::string_view written, milliseconds least, milliseconds most) {
    constexpr std::array<std::pair<std::string_view, double>, 4> units{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
    double total = 0;
    std::string_view rest = written;
    while (!rest.empty()) {
        const auto number = take_number(rest);
        if (!number) {
            return std::nullopt;
        }
        if (rest.empty()) { // nginx: seconds
            total += *number * 1000;
            break;
        }
        const auto* const unit = std::ranges::find_if(units, [&](const auto& each) { return rest.starts_with(each.first); });
        if (unit == units.end()) {
            return std::nullopt;
        }
        total += *number * unit->second;
        rest.remove_prefix(unit->first.size());
    }
    if (written.empty() || written.size() > 40) {
        return std::nullopt;
    }
    const double bounded = std::clamp(total, static_cast<double>(least.count()), static_cast<double>(most.count()));
    return config::show_duration(milliseconds(static_cast<std::int64_t>(bounded)));
}

std::optional<named_server> to_server(std::string_view url) {
    if (url.starts_with("unix:")) {
        std::string path(url.substr(url.starts_with("unix://") ? 7 : 5));
        const std::string address = "unix:" + path.substr(0, path.find(':'));
        const std::string behind = path.contains(':') ? path.substr(path.find(':') + 1) : "";
        return is_address(address) ? std::optional(named_server{.address = address, .tls = false, .path = behind}) : std::nullopt;
    }
    const auto parsed = config::parse_url(url);
    if (!parsed || !is_address(parsed->server.text)) {
        return std::nullopt;
    }
    const std::size_t begin = std::string_view(url).find('/', url.find("://") + 3);
    return named_server{.address = parsed->server.text,
                        .tls = parsed->secure,
                        .path = std::string(begin == std::string_view::npos ? "" : url.substr(begin))};
}

std::string find_upstream(imported& out, const upstream& like) {
    for (const upstream& each : out.upstreams) {
        if (each.servers == like.servers && each.tls == like.tls && each.forward_host == like.forward_host &&
            each.response_timeout == like.response_timeout) {
            return each.name;
        }
    }
    std::string base;
    for (const char c : like.name.substr(0, 60)) {
        base += policies::is_name_byte(c) || c == '-' ? c : '_';
    }
    base = base.empty() ? "app" : base;
    std::string name = base;
    for (unsigned number = 2; std::ranges::find(out.upstreams, name, &upstream::name) != out.upstreams.end(); ++number) {
        name = base + '-' + std::to_string(number);
    }
    out.upstreams.push_back(like);
    out.upstreams.back().name = name;
    return name;
}

bool is_settable_header(std::string_view name) {
    constexpr std::array<std::string_view, 8> ours{"host", "content-length", "transfer-encoding", "connection", "upgrade", "authorization",
                                                   "te",   "trailer"};
    return !name.empty() && name.size() <= 128 && !is_in(ours, to_lower(name)) &&
           std::ranges::all_of(name, [](char c) { return policies::is_alphanumeric(c) || c == '-'; });
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) { return policies::to_lower(c); });
    return lower;
}

void find_keys_by_discovery(provider& of, const std::string& issuer, imported& out, int line) {
    const auto url = config::parse_url(issuer);
    std::string base = issuer;
    if (!url || issuer.find_first_of("{}*?") != std::string::npos || config::is_insecure(*url)) {
        out.say(line, issuer.empty() ? "no issuer is named: fill in YOUR-ISSUER"
                                     : "keys can't be looked up at this issuer, since it is no https URL: fill in YOUR-ISSUER");
        base = unknown_issuer;
        if (!is_in(out.placeholders, std::string("YOUR-ISSUER"))) {
            out.placeholders.emplace_back("YOUR-ISSUER");
        }
    }
    of.issuers = {base};
    of.key_kind = provider::keys::discovery_url;
    of.key_source = base + (base.ends_with('/') ? "" : "/") + ".well-known/openid-configuration";
}

} // namespace bearward::proxy::commands::importing

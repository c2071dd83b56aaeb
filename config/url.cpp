#include "config/url.hpp"

#include "config/endpoint.hpp"

#include <boost/url/parse.hpp>

namespace bearward::config {

std::expected<url, std::string> parse_url(std::string_view written) {
    if (!written.starts_with("http://") && !written.starts_with("https://")) {
        return std::unexpected("a URL begins with https:// or http://");
    }
    const auto parsed = boost::urls::parse_uri(written);
    // Boost 1.81 ends an authority where it can: the host of http://127.0.0.1.example.com/ is 127.0.0.1 to it, and
    // the rest a path without a slash (RFC 3986 section 3.3 has none). The check can go when it refuses these.
    if (!parsed || (!parsed->encoded_path().empty() && parsed->encoded_path().front() != '/')) {
        return std::unexpected("not a URL");
    }
    if (parsed->has_userinfo()) {
        return std::unexpected("a URL with a user or password is not accepted: it would stand in logs");
    }
    if (parsed->has_fragment()) {
        return std::unexpected("a fragment (#) is never sent: leave it out");
    }
    url made;
    made.text = written;
    made.secure = parsed->scheme_id() == boost::urls::scheme::https;
    const std::string_view host = parsed->encoded_host();
    const std::string port = parsed->has_port() && !parsed->port().empty() ? std::string(parsed->port()) : made.secure ? "443" : "80";
    auto server = parse_endpoint(std::string(host) + ':' + port);
    if (!server || server->port == 0) {
        return std::unexpected(server ? "the port must be between 1 and 65535" : server.error());
    }
    made.server = std::move(*server);
    made.authority = port == (made.secure ? "443" : "80") ? std::string(host) : made.server.text;
    made.target = std::string(parsed->encoded_path());
    made.target = made.target.empty() ? "/" : made.target;
    if (parsed->has_query()) {
        made.target.append("?").append(std::string_view(parsed->encoded_query()));
    }
    return made;
}

bool is_insecure(const url& where) {
    return !where.secure && !is_local(where.server);
}

} // namespace bearward::config

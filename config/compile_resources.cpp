// The metadata of protected resources as it is sent.
#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "config/forward_auth.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace bearward::config {
namespace {

namespace json = boost::json;

policies::resource_metadata make_metadata(const resource_settings& from) {
    const resource_identifier& named = from.resource.value;
    json::object document{{"resource", named.text}};
    if (!from.authorization_servers.empty()) {
        document["authorization_servers"] = json::array(from.authorization_servers.begin(), from.authorization_servers.end());
    }
    if (!from.scopes_supported.empty()) {
        document["scopes_supported"] = json::array(from.scopes_supported.begin(), from.scopes_supported.end());
    }
    return {.host = named.host, .path = named.path, .url = named.metadata_url, .document = json::serialize(document)};
}

/// Whether a route's pattern takes the host.
bool is_host_of(std::string_view pattern, std::string_view host) {
    return pattern.starts_with("*.") ? host.ends_with(pattern.substr(1)) : host == pattern;
}

/// Those at one place have to be one.
class resource_collection {
public:
    resource_collection(reading& state, bool unserved) : state_(state), unserved_(unserved) {}

    void add(const std::optional<resource_settings>& from) {
        if (!from || from->resource.value.text.empty()) {
            return;
        }
        if (unserved_) {
            state_.error(from->at,
                         "is served by listeners that forward, and all are `mode: forward_auth`: clients would find nothing there");
            return;
        }
        policies::resource_metadata made = make_metadata(*from);
        for (std::size_t i = 0; i < made_.size(); ++i) {
            if (made_[i].host != made.host || made_[i].path != made.path) {
                continue;
            }
            if (made_[i] != made) {
                state_.error(from->resource.at,
                             "the metadata of " + quote(from->resource.value.text) + " is asked for at the same place as that of " +
                                 quote(written_[i]->resource.value.text) + " at " + to_string(written_[i]->resource.at.where) +
                                 ", and says something else; clients get one answer");
            }
            return;
        }
        made_.push_back(std::move(made));
        written_.push_back(&*from);
    }

    [[nodiscard]] std::vector<policies::resource_metadata> take() && { return std::move(made_); }

private:
    reading& state_;
    bool unserved_;
    std::vector<policies::resource_metadata> made_;
    std::vector<const resource_settings*> written_;
};

} // namespace

std::vector<policies::resource_metadata> compile_resources(reading& state, const settings& from) {
    resource_collection all(state, only_decides(from));
    all.add(from.resource_metadata);
    for (const route_settings& each : from.routes) {
        all.add(each.resource_metadata);
    }
    return std::move(all).take();
}

std::string metadata_url_of(const route_settings& route, const settings& from) {
    if (route.resource_metadata) {
        return route.resource_metadata->resource.value.metadata_url;
    }
    const auto serves = [&](const located_text& host) { return is_host_of(host.value, from.resource_metadata->resource.value.host); };
    const bool its_own = from.resource_metadata && (route.hosts.empty() || std::ranges::any_of(route.hosts, serves));
    return its_own ? from.resource_metadata->resource.value.metadata_url : std::string(); // RFC 9728 section 3.3: a client compares
}

} // namespace bearward::config

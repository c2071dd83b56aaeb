#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/import/nginx_server.hpp"
#include "proxy/commands/import/nginx_tls.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include "config/endpoint.hpp"
#include "policies/ascii.hpp"

#include <algorithm>
#include <memory>

namespace bearward::proxy::commands::importing {
namespace {

/// A server at one of its addresses.
struct binding {
    std::string address; ///< ours
    bool preferred = false;
    bool tls = false;
};

struct served {
    const nginx_directive* of = nullptr;
    std::unique_ptr<nginx_server> rules;
    std::vector<binding> at;
    std::vector<std::string> names;
    bool odd_names = false;
};

std::optional<binding> read_listen(const nginx_directive& of) {
    std::string text = of.word(0);
    if (!text.empty() && std::ranges::all_of(text, policies::is_digit)) {
        text = "0.0.0.0:" + text;
    } else if (!text.starts_with("unix:") && text.find(':') == std::string::npos) {
        text += ":80";
    } else if (text.starts_with('[') && text.ends_with(']')) {
        text += ":80";
    }
    const auto address = to_listen_address(text);
    if (!address) {
        return std::nullopt;
    }
    return binding{.address = *address,
                   .preferred = is_in(of.words, std::string("default_server")) || is_in(of.words, std::string("default")),
                   .tls = is_in(of.words, std::string("ssl"))};
}

class builder {
public:
    explicit builder(imported& out) : out_(out), providers_(out), tls_(out) {}

    void build(const nginx_file& file) {
        const nginx_http http = read_nginx_http(file, out_);
        nginx_reader reader(http, out_);
        const nginx_scope scope = reader.read({}, http.scope);
        out_.trusted_proxies = http.trusted_proxies;
        for (const nginx_directive* each : http.servers) {
            add(*each, http, scope, reader);
        }
        reader.list_harmless();
        std::erase_if(servers_, [&](const served& each) { return answers_alone(each); });
        std::vector<site> sites;
        for (const served& each : servers_) {
            add_sites(each, sites);
        }
        plan_routes(sites, out_);
        if (!out_.providers.empty()) {
            out_.advice.emplace_back(
                "nginx forwards the client's Authorization to the app; Bearward removes the token, and tells the app who asks "
                "(identity_headers). `forward_token: true` on a route leaves it.");
        }
    }

private:
    void add(const nginx_directive& of, const nginx_http& http, const nginx_scope& scope, nginx_reader& reader) {
        served made{.of = &of, .rules = nullptr, .at = {}, .names = {}};
        for (const nginx_directive& each : of.block) {
            if (each.name == "listen") {
                const auto read = read_listen(each);
                read ? made.at.push_back(*read) : out_.say(each.line, "listen: not an address that can be listened on here");
                if (is_in(each.words, std::string("proxy_protocol"))) {
                    out_.say(each.line, "listen: write `proxy_protocol: any` and your balancer in trusted_proxies");
                }
            } else if (each.name == "server_name") {
                read_names(each, made);
            }
        }
        if (made.at.empty()) {
            made.at.push_back({.address = "0.0.0.0:80"});
        }
        made.rules = std::make_unique<nginx_server>(of, http, scope, reader, providers_, out_);
        for (binding& each : made.at) {
            listen(of, http, each);
        }
        servers_.push_back(std::move(made));
    }

    void read_names(const nginx_directive& of, served& into) {
        for (const std::string& name : of.words) {
            const auto add = [&](const std::string& host) {
                if (const auto ours = config::parse_host_pattern(host); ours && !is_in(into.names, *ours)) {
                    into.names.push_back(*ours);
                }
            };
            if (name == "_" || name.empty()) {
                continue;
            }
            if (name.starts_with('.')) {
                add(name.substr(1));
                add('*' + name);
            } else if (config::parse_host_pattern(name)) {
                add(name);
            } else {
                into.odd_names = true;
                out_.warn(of.line,
                          "server_name: can't be a host here: " + name + "; requests for it are judged by the other servers' rules");
            }
        }
    }

    /// 80 and [::]:80 are one: [::] takes IPv4 too.
    void listen(const nginx_directive& of, const nginx_http& http, binding& at) {
        const std::string port = at.address.starts_with("unix:") ? at.address : at.address.substr(at.address.rfind(':'));
        auto known = std::ranges::find_if(out_.listeners, [&](const listener& each) {
            const bool any = (each.address == "0.0.0.0" + port || each.address == "[::]" + port) &&
                             (at.address == "0.0.0.0" + port || at.address == "[::]" + port);
            return each.address == at.address || any;
        });
        if (known == out_.listeners.end()) {
            out_.listeners.push_back({.name = "listener-" + std::to_string(out_.listeners.size() + 1),
                                      .address = at.address,
                                      .certificates = {},
                                      .client_ca = {}});
            known = out_.listeners.end() - 1;
        } else if (at.address.starts_with("[::]")) {
            known->address = at.address;
        }
        at.address = known->name;
        if (at.tls) {
            tls_.read(of, http, *known);
        }
    }

    /// Such as one that only leads to https, where no other server listens.
    bool answers_alone(const served& one) {
        const auto shared = [&](const binding& at) {
            return std::ranges::any_of(servers_, [&](const served& other) {
                return other.of != one.of && std::ranges::find(other.at, at.address, &binding::address) != other.at.end();
            });
        };
        if (one.rules->forwards() || servers_.size() == 1 || std::ranges::any_of(one.at, shared)) {
            return false;
        }
        out_.say(one.of->line, "a server that forwards nothing: left out, with its addresses");
        std::erase_if(out_.listeners,
                      [&](const listener& each) { return std::ranges::find(one.at, each.name, &binding::address) != one.at.end(); });
        return true;
    }

    /// Whether it is for all hosts that no other server at that address names.
    bool is_default(const served& one, const std::string& address) const {
        const served* first = nullptr;
        for (const served& each : servers_) {
            for (const binding& at : each.at) {
                if (at.address == address && (first == nullptr || at.preferred)) {
                    first = &each;
                }
            }
        }
        return first == &one;
    }

    /// The first server with a name has it.
    std::vector<std::string> names_at(const served& of, const std::string& address) const {
        std::vector<std::string> names = of.names;
        for (const served& each : servers_) {
            if (each.of == of.of) {
                break;
            }
            if (is_at(each, address)) {
                std::erase_if(names, [&](const std::string& name) { return is_in(each.names, name); });
            }
        }
        return names;
    }

    static bool is_at(const served& one, const std::string& address) {
        return std::ranges::find(one.at, address, &binding::address) != one.at.end();
    }

    /// Whether a pattern of another server there has one of the names too.
    bool is_in_pattern(const std::vector<std::string>& names, const served& of, const std::string& address) const {
        const auto has = [&](const std::string& pattern) {
            return pattern.starts_with('*') &&
                   std::ranges::any_of(names, [&](const std::string& name) { return name.ends_with(pattern.substr(1)); });
        };
        return std::ranges::any_of(
            servers_, [&](const served& each) { return each.of != of.of && is_at(each, address) && std::ranges::any_of(each.names, has); });
    }

    void add_sites(const served& of, std::vector<site>& sites) {
        std::vector<std::string> known;
        for (const binding& at : of.at) {
            if (is_in(known, at.address)) {
                continue;
            }
            known.push_back(at.address);
            const std::vector<std::string> names = names_at(of, at.address);
            const bool any = is_default(of, at.address);
            if (any) {
                add_site(of, {}, at.address, sites);
            }
            // Of the default server they need to be said only where a pattern of another one has them too.
            if (!names.empty() && (!any || is_in_pattern(names, of, at.address))) {
                add_site(of, names, at.address, sites);
            } else if (!any) {
                out_.say(of.of->line, "a server that no request reaches, or whose names can't be hosts here: left out");
            }
        }
    }

    void add_site(const served& of, const std::vector<std::string>& hosts, const std::string& address, std::vector<site>& sites) {
        const auto same = std::ranges::find_if(sites, [&](const site& each) {
            return each.hosts == hosts && site_of_[static_cast<std::size_t>(&each - sites.data())] == &of;
        });
        if (same != sites.end() && !same->listeners.empty()) {
            same->listeners.push_back(address);
            return;
        }
        site made;
        made.judge = [rules = of.rules.get()](const slice& paths, const std::string& method) { return rules->judge(paths, method); };
        of.rules->add_patterns(made);
        made.hosts = hosts;
        if (out_.listeners.size() > 1) {
            made.listeners = {address};
        }
        sites.push_back(std::move(made));
        site_of_.push_back(&of);
    }

    imported& out_;
    nginx_providers providers_;
    nginx_tls tls_;
    std::vector<served> servers_;
    std::vector<const served*> site_of_; ///< of each site
};

} // namespace

void read_nginx(const std::string& text, imported& out) {
    const nginx_file file = parse_nginx(text);
    if (file.fault) {
        out.notes.push_back(*file.fault);
        out.failed = true;
        return;
    }
    builder(out).build(file);
}

} // namespace bearward::proxy::commands::importing

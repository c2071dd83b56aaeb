#include "proxy/commands/import/write_configuration.hpp"

#include "proxy/commands/import/yaml_text.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using text = std::string;

text scalar(std::string_view of) {
    return to_yaml(of);
}

/// The entries of a map in flow style.
class flow {
public:
    flow& raw(std::string_view key, const text& value) {
        out_ += (out_.empty() ? "" : ", ") + text(key) + ": " + value;
        return *this;
    }
    flow& add(std::string_view key, const text& value) { return value.empty() ? *this : raw(key, scalar(value)); }
    flow& list(std::string_view key, const std::vector<text>& values) { return values.empty() ? *this : raw(key, to_yaml(values)); }
    [[nodiscard]] text map() const { return '{' + out_ + '}'; }

private:
    text out_;
};

void comment(text& out, std::string_view indent, std::string_view line) {
    out += text(indent) + "# " + to_comment(line) + '\n';
}

void write_head(text& out, const imported& what, std::string_view from) {
    comment(out, "", "Made by `bearward import` from " + what.peer + "'s " + text(from) + ". Read all of it before it protects anything.");
    comment(
        out, "",
        "Then: bearward check --strict FILE. To compare, `mode: observe_all` on each route logs what would be refused, and forwards it.");
    for (const text& each : what.placeholders) {
        comment(out, "", "Fill in " + each + ": until then no token is accepted.");
    }
    for (const text& each : what.advice) {
        comment(out, "", each);
    }
    if (std::ranges::any_of(what.notes, &note::opens)) {
        out += "#\n# ATTENTION: what is marked with OPENS below refuses something at " + what.peer +
               " and could not be translated.\n# Where that is known, the routes that it is about are closed here; look at each.\n";
    }
    if (!what.notes.empty()) {
        out += "#\n# Not translated, or otherwise here:\n";
    }
    for (const note& each : what.notes) {
        comment(out, "", "  " + to_text(each));
    }
    out += "version: 1\n";
}

void write_listeners(text& out, const imported& what) {
    out += "listen:\n";
    for (const listener& each : what.listeners) {
        flow line;
        line.add("address", each.address).add("name", each.name);
        if (!each.certificates.empty()) {
            text pairs;
            for (const listener::pair& pair : each.certificates) {
                pairs +=
                    (pairs.empty() ? "" : ", ") + flow().add("certificate", pair.certificate).add("private_key", pair.private_key).map();
            }
            flow tls;
            tls.raw("certificates", '[' + pairs + ']').add("client_ca", each.client_ca);
            if (each.client_certificate_optional && !each.client_ca.empty()) {
                tls.raw("client_certificate", "optional");
            }
            line.raw("tls", tls.map());
        }
        out += "  - " + line.map() + '\n';
    }
    if (!what.trusted_proxies.empty()) {
        out += "trusted_proxies: " + to_yaml(what.trusted_proxies) + '\n';
    }
}

void write_upstreams(text& out, const imported& what) {
    out += "upstreams:\n";
    for (const upstream& each : what.upstreams) {
        flow line;
        line.list("servers", each.servers);
        if (each.least_connections) {
            line.raw("balance", "least_connections");
        }
        line.add("connect_timeout", each.connect_timeout).add("response_timeout", each.response_timeout);
        if (!each.forward_host) {
            line.raw("forward_host", "false");
        }
        if (each.tls) {
            line.raw("tls", flow().add("ca", each.ca).add("server_name", each.server_name).map());
        }
        if (!each.health_path.empty()) {
            line.raw("health_check", flow().add("path", each.health_path).map());
        }
        out += "  " + scalar(each.name) + ": " + line.map() + '\n';
    }
}

void write_provider(text& out, const provider& of) {
    constexpr std::string_view kinds[] = {"discovery_url", "jwks_url", "jwks_file", "jwks"};
    out += "  " + scalar(of.name) + ":\n";
    for (const text& each : of.comments) {
        comment(out, "    ", each);
    }
    const auto line = [&](std::string_view key, const text& value) { out += "    " + text(key) + ": " + value + '\n'; };
    const auto optional = [&](std::string_view key, const text& value) {
        if (!value.empty()) {
            line(key, scalar(value));
        }
    };
    if (!of.issuers.empty()) {
        line("issuer", of.issuers.size() == 1 ? scalar(of.issuers.front()) : to_yaml(of.issuers));
    }
    if (!of.audiences.empty()) {
        line("audiences", to_yaml(of.audiences));
    }
    line("algorithms", to_yaml(of.algorithms));
    line("keys", flow().add(kinds[static_cast<std::size_t>(of.key_kind)], of.key_source).map());
    if (const text jwks = flow().add("refresh", of.refresh).add("timeout", of.fetch_timeout).map(); jwks != "{}") {
        line("jwks", jwks);
    }
    optional("header", of.header);
    optional("query_parameter", of.query_parameter);
    optional("cookie", of.cookie);
    optional("clock_skew", of.clock_skew);
    optional("max_lifetime", of.max_lifetime);
    if (const text claims = flow().add("user", of.user_claim).add("roles", of.role_claim).map(); claims != "{}") {
        line("claims", claims);
    }
    flow required;
    for (const auto& [claim, value] : of.required_claims) {
        required.raw(scalar(claim), value_to_yaml(value));
    }
    if (!of.required_claims.empty()) {
        line("required_claims", required.map());
    }
    if (!of.allow_warnings.empty()) {
        line("allow_warnings", to_yaml(of.allow_warnings));
    }
}

bool is_closed(const route& one) {
    return one.does.who.who == access::kind::closed;
}

void write_providers(text& out, const imported& what) {
    const bool closes = std::ranges::any_of(what.routes, is_closed);
    if (what.providers.empty() && !closes) {
        return;
    }
    out += "providers:\n";
    for (const provider& each : what.providers) {
        write_provider(out, each);
    }
    if (closes) {
        out += "  # Nobody has this key: a route with this provider refuses everything.\n  closed:\n    type: api_keys\n    keys: [{id: "
               "closed, "
               "user: closed, expires: 2000-01-01T00:00:00Z, hash: \"sha256:" +
               text(64, '0') + "\"}]\n";
    }
}

text headers_map(const std::map<text, text>& headers) {
    flow made;
    for (const auto& [name, value] : headers) {
        made.raw(scalar(name), scalar(value));
    }
    return made.map();
}

/// Requirements that several routes have get a name.
class named_needs {
public:
    explicit named_needs(const imported& what) {
        std::map<text, unsigned> seen;
        for (const route& each : what.routes) {
            const std::vector<requirement>& needs = each.does.who.needs;
            if (!needs.empty() && each.does.who.who == access::kind::token && ++seen[to_yaml(needs)] == 2) {
                names_.emplace(to_yaml(needs), "rule-" + std::to_string(names_.size() + 1));
            }
        }
    }
    [[nodiscard]] text of(const std::vector<requirement>& needs) const {
        const auto found = names_.find(to_yaml(needs));
        return found == names_.end() ? to_yaml(needs) : "{policy: " + found->second + '}';
    }
    void write(text& out) const {
        out += names_.empty() ? "" : "policies:\n";
        for (const auto& [needs, name] : names_) {
            out += "  " + name + ": " + needs + '\n';
        }
    }

private:
    std::map<text, text> names_;
};

void add_access(flow& line, const access& who, const named_needs& names) {
    switch (who.who) {
    case access::kind::open:
        line.raw("auth", "none");
        return;
    case access::kind::closed:
        line.list("providers", {closed_provider});
        return;
    case access::kind::optional:
        line.list("providers", who.providers).raw("auth", "optional");
        return;
    case access::kind::token:
        line.list("providers", who.providers);
    }
    if (!who.needs.empty()) {
        line.raw("require", names.of(who.needs));
    }
}

text route_line(const route& of, const imported& what, const named_needs& names) {
    const action& does = of.does;
    flow line;
    line.add(of.exact ? "exact" : "prefix", of.path).list("hosts", of.hosts).list("listeners", of.listeners).list("methods", of.methods);
    line.add("upstream", does.upstream.empty() && !what.upstreams.empty() ? what.upstreams.front().name : does.upstream);
    add_access(line, does.who, names);
    if (is_closed(of)) {
        line.raw("websocket", "off").list("allow_warnings", of.allow_warnings);
        return line.map();
    }
    if (!does.token_from.empty() && does.who.who != access::kind::open) {
        std::vector<text> places{"header"};
        places.insert(places.end(), does.token_from.begin(), does.token_from.end());
        line.list("token_from", places);
    }
    if (does.forward_token && does.who.who != access::kind::open) {
        line.raw("forward_token", "true");
    }
    if (does.strip_prefix) {
        line.raw("strip_prefix", "true");
    }
    line.add("response_timeout", does.response_timeout).add("max_body", does.max_body);
    if (!does.rate.empty()) {
        line.raw("rate_limit", flow().raw("per", "address").raw("rate", does.rate).raw("burst", std::to_string(does.burst)).map());
    }
    if (!does.headers.empty()) {
        line.raw("add_request_headers", headers_map(does.headers));
    }
    if (does.preflights_pass && does.who.who != access::kind::open) {
        line.raw("cors", "pass");
    }
    return line.list("allow_warnings", of.allow_warnings).map();
}

void write_routes(text& out, const imported& what) {
    const named_needs names(what);
    names.write(out);
    out += what.routes.empty() ? "routes: []\n" : "routes: # the most specific one counts, in whatever order they stand\n";
    for (const route& each : what.routes) {
        for (const text& line : each.comments) {
            comment(out, "  ", line);
        }
        out += "  - " + route_line(each, what, names) + '\n';
    }
}

} // namespace

std::string to_text(const note& one) {
    return (one.line > 0 ? "line " + std::to_string(one.line) + ": " : text()) + (one.opens ? "OPENS: " : "") + to_comment(one.what);
}

std::string write_configuration(const imported& what, std::string_view from) {
    text out;
    write_head(out, what, from);
    write_listeners(out, what);
    write_upstreams(out, what);
    write_providers(out, what);
    if (!what.identity_headers.empty()) {
        out += "identity_headers:\n";
        for (const auto& [name, source] : what.identity_headers) {
            out += "  " + scalar(name) + ": " + scalar(source) + '\n';
        }
    }
    write_routes(out, what);
    return out + write_tests(what);
}

} // namespace bearward::proxy::commands::importing

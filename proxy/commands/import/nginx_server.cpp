#include "proxy/commands/import/nginx_server.hpp"

#include "proxy/commands/import/peer_values.hpp"
#include "proxy/commands/import/strictness.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using kind = access::kind;

constexpr unsigned deepest = 6;

} // namespace

nginx_server::nginx_server(const nginx_directive& of, const nginx_http& http, const nginx_scope& around, nginx_reader& reader,
                           nginx_providers& providers, imported& out)
    : http_(http), reader_(reader), providers_(providers), out_(out) {
    const nginx_scope at = reader_.read(around, directives_of(of.block));
    if (at.answers) {
        return; // it answers everything itself
    }
    add_locations(of.block, at, server_itself, 0);
    for (location& each : locations_) {
        complete(each);
    }
}

void nginx_server::add_locations(const std::vector<nginx_directive>& block, const nginx_scope& around, unsigned parent, unsigned depth) {
    for (const nginx_directive& each : block) {
        if (each.name != "location" || !each.has_block) {
            continue;
        }
        location made;
        made.at = reader_.read(around, directives_of(each.block));
        made.at.line = each.line;
        if (each.word(0).starts_with('@')) {
            named_[each.word(0)] = made.at;
            continue;
        }
        read_where(each, made);
        made.number = ++locations_read_;
        made.parent = parent;
        if (depth < deepest && !made.regex) {
            add_locations(each.block, made.at, made.number, depth + 1);
        } else if (std::ranges::any_of(each.block, [](const nginx_directive& inner) { return inner.name == "location"; })) {
            out_.warn(each.line, "locations within this one are not translated; it is closed");
            made.at.closed = true;
        }
        locations_.push_back(std::move(made));
    }
}

void nginx_server::read_where(const nginx_directive& of, location& into) {
    std::string modifier = of.words.size() > 1 ? of.word(0) : "";
    std::string text = of.words.size() > 1 ? of.word(1) : of.word(0);
    for (const char* each : {"^~", "~*", "~", "="}) {
        if (modifier.empty() && text.starts_with(each)) {
            modifier = each;
            text.erase(0, modifier.size());
        }
    }
    into.regex = modifier.starts_with('~');
    into.final = modifier == "^~";
    if (!into.regex) {
        into.where = {{modifier == "=" ? path_pattern::kind::exact : path_pattern::kind::prefix, text}};
        if (!is_plain_path(text)) {
            out_.say(of.line, "can't be a path of a route here; the strictest of what could fit counts: " + text);
            into.where = {sayable(into.where.front())};
            into.regex = into.odd = true;
        }
        return;
    }
    const understood_regex meant = understand_regex(text, regex_use::search);
    const bool sayable = modifier == "~" && !meant.narrowed &&
                         std::ranges::all_of(meant.patterns, [](const path_pattern& each) { return is_plain_path(each.text); });
    into.where = sayable ? meant.patterns : std::vector<path_pattern>{{path_pattern::kind::unknown, ""}};
    if (std::ranges::any_of(into.where, [](const path_pattern& each) { return each.type == path_pattern::kind::unknown; })) {
        out_.say(of.line, "neither a path nor the beginning of one; the strictest of what could fit counts: " + text);
        if (!meant.narrowed && modifier == "~" && is_plain_path(meant.patterns.front().text)) {
            into.where = {meant.patterns.front()};
        }
    }
}

access nginx_server::access_of(const nginx_scope& at) {
    access who{.who = kind::open, .providers = {}, .needs = {}};
    const bool by_token = !at.auth_jwt.empty() || !at.auth_request.empty();
    const bool by_other = at.auth_basic || at.by_address;
    if (!by_token && at.satisfy_any && by_other && !at.address_noted) {
        out_.warn(at.line, "neither addresses nor passwords are looked at here, and no token is asked for: it is closed");
    }
    if (at.closed || at.internal || (by_other && !(at.satisfy_any && by_token))) {
        return {};
    }
    if (at.by_address) {
        out_.say(at.line, "satisfy any: a token is needed here from every address");
    }
    if (!at.auth_jwt.empty()) {
        who = {.who = kind::token, .providers = {providers_.for_tokens(at, key_url(at.key_request))}, .needs = at.token_needs};
    }
    if (at.auth_request.empty()) {
        return who;
    }
    const std::size_t query = at.auth_request.find('?');
    const auto answers = [&](const location& each) {
        return each.at.answers && !each.regex && each.where.front().text == at.auth_request.substr(0, query);
    };
    if (std::ranges::any_of(locations_, answers)) {
        out_.warn(at.line, "auth_request: what answers always says the same; what it is for is closed");
        return {};
    }
    access asked{.who = kind::token, .providers = {providers_.for_auth_request(at.auth_request.substr(0, query), at.line)}, .needs = {}};
    if (query != std::string::npos) {
        constexpr std::string_view groups = "allowed_groups=";
        std::string rest = at.auth_request.substr(query + 1);
        if (!rest.starts_with(groups) || rest.find_first_of("&%$") != std::string::npos || rest.size() == groups.size()) {
            out_.warn(at.line, "auth_request: what its query asks for is not translated; what it is for is closed");
            return {};
        }
        std::vector<std::string> roles(1);
        for (const char c : rest.substr(groups.size())) {
            c == ',' ? static_cast<void>(roles.emplace_back()) : roles.back().push_back(c);
        }
        std::erase(roles, "");
        if (!roles.empty()) {
            asked.needs.push_back(has_role(roles));
        }
    }
    if (!at.auth_jwt.empty()) {
        if (at.satisfy_any) {
            who.providers.push_back(asked.providers.front());
            return who.needs.empty() && asked.needs.empty() ? who : access{};
        }
        out_.warn(at.line, "auth_jwt and auth_request both: one of them is verified here; what it is for is closed");
        return {};
    }
    return asked;
}

void nginx_server::complete(location& of) {
    of.does = refused();
    if (of.at.answers) {
        return;
    }
    nginx_scope target = of.at;
    const auto fallback = named_.find(of.at.fallback);
    if (of.at.proxy_pass.empty() && fallback != named_.end()) {
        target = fallback->second;
        target.closed = target.closed || of.at.closed;
    }
    if (target.proxy_pass.empty()) {
        return;
    }
    of.does.who = strictest(access_of(of.at), access_of(target));
    forward(of, target);
}

void nginx_server::forward(location& of, const nginx_scope& at) {
    const auto refuse = [&](const std::string& why) {
        out_.say(at.line, "proxy_pass: " + why + ": refused");
        of.does = refused();
    };
    const std::string& url = at.proxy_pass;
    const std::size_t scheme = url.find("://");
    const std::string host = scheme == std::string::npos ? "" : url.substr(scheme + 3, url.find('/', scheme + 3) - scheme - 3);
    upstream made{.name = "app", .servers = {}};
    std::string path;
    if (url.contains('$')) {
        return refuse("its target is in a variable");
    }
    if (const auto group = http_.upstreams.find(host); group != http_.upstreams.end()) {
        made = group->second;
        made.tls = url.starts_with("https://");
        const std::size_t slash = url.find('/', scheme + 3);
        path = slash == std::string::npos ? "" : url.substr(slash);
    } else if (const auto server = to_server(url.starts_with("http://unix:") ? url.substr(7) : url); server) {
        made.servers = {server->address};
        made.tls = server->tls;
        path = server->path;
    } else {
        return refuse("not a server that can be named here");
    }
    const path_pattern& where = of.where.front();
    const bool prefix = where.type == path_pattern::kind::prefix;
    if (path == "/" && prefix) {
        of.does.strip_prefix = where.text != "/";
    } else if (!path.empty() && path != where.text) {
        return refuse("paths are not rewritten here, but for a prefix that is removed");
    }
    const auto sets_host = [](const auto& each) {
        return to_lower(each.first) == "host" && (each.second == "$host" || each.second == "$http_host");
    };
    made.forward_host = std::ranges::any_of(at.headers, sets_host);
    of.does.upstream = find_upstream(out_, made);
    of.does.response_timeout = at.read_timeout;
    of.does.max_body = at.max_body;
    of.does.rate = at.rate;
    of.does.burst = at.burst;
    if (at.token.starts_with("cookie_")) {
        of.does.token_from = {"cookie"};
    } else if (at.token.starts_with("arg_")) {
        of.does.token_from = {"query"};
    }
    set_headers(of.does, at);
}

void nginx_server::set_headers(action& does, const nginx_scope& at) {
    constexpr std::string_view ours[] = {"host",    "x-real-ip",  "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
                                         "upgrade", "connection", "x-request-id",    "x-forwarded-port"};
    for (const auto& [name, value] : at.headers) {
        const std::string lower = to_lower(name);
        const bool variable = value.starts_with('$');
        const auto set = at.variables.find(value);
        std::string source = set != at.variables.end() ? set->second : variable ? claim_of_variable(value.substr(1), http_) : "";
        if (set == at.variables.end() && !source.empty()) {
            source = "claims." + source;
        }
        const auto known = std::ranges::find_if(out_.identity_headers, [&](const auto& each) { return to_lower(each.first) == lower; });
        if (is_in(ours, std::string_view(lower)) || (lower == "authorization" && value.empty())) {
            continue;
        }
        if (lower == "authorization" && value == "$http_authorization") {
            does.forward_token = true;
        } else if (!source.empty() && is_settable_header(name) && (known == out_.identity_headers.end() || known->second == source)) {
            if (known == out_.identity_headers.end()) {
                out_.identity_headers.emplace_back(name, source);
            }
        } else if (!value.contains('$') && !value.empty() && is_settable_header(name) && known == out_.identity_headers.end() &&
                   std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7F; })) {
            does.headers[name] = value;
        } else {
            out_.say(at.line, "proxy_set_header: not taken over: " + name);
        }
    }
}

/// The URL that a subrequest for the keys goes to.
std::string nginx_server::key_url(const std::string& uri) const {
    for (const location& each : locations_) {
        if (!uri.empty() && !each.regex && each.where.front().text == uri && each.at.proxy_pass.starts_with("https://") &&
            !each.at.proxy_pass.contains('$')) {
            return each.at.proxy_pass;
        }
    }
    return "";
}

} // namespace bearward::proxy::commands::importing

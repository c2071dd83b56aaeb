#include "proxy/commands/import/write_configuration.hpp"

#include "proxy/commands/import/yaml_text.hpp"

#include <algorithm>
#include <array>

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t most_tests = 120;

/// An identity that meets a requirement.
struct identity {
    std::vector<std::string> roles;
    std::map<std::string, std::string> claims;
};

/// Makes it meet the requirement too; false: that can't be done simply.
bool satisfy(const requirement& needs, identity& who) {
    switch (needs.type) {
    case requirement::kind::roles:
        who.roles.push_back(needs.values.front());
        return true;
    case requirement::kind::present:
        return who.claims.try_emplace(needs.claim, "x-1").second;
    case requirement::kind::equals:
        return who.claims.try_emplace(needs.claim, needs.values.front()).second || who.claims[needs.claim] == needs.values.front();
    case requirement::kind::matches: {
        std::string value = needs.values.front();
        const std::size_t star = value.find('*');
        value.replace(star, star == std::string::npos ? 0 : 1, "someone");
        return who.claims.try_emplace(needs.claim, value).second;
    }
    case requirement::kind::any:
        return !needs.parts.empty() && satisfy(needs.parts.front(), who);
    case requirement::kind::all:
        return std::ranges::all_of(needs.parts, [&](const requirement& each) { return satisfy(each, who); });
    case requirement::kind::none:
        return true; // of what it doesn't have
    }
    return false;
}

/// Whether one without roles and claims meets it.
bool met_by_anybody(const requirement& needs) {
    switch (needs.type) {
    case requirement::kind::none:
        return !met_by_anybody(needs.parts.front());
    case requirement::kind::any:
        return std::ranges::any_of(needs.parts, met_by_anybody);
    case requirement::kind::all:
        return std::ranges::all_of(needs.parts, met_by_anybody);
    default:
        return false;
    }
}

std::string identity_text(const identity& who) {
    std::string out = "identity: {user: u-1";
    if (!who.roles.empty()) {
        out += ", roles: " + to_yaml(who.roles);
    }
    std::string claims;
    for (const auto& [name, value] : who.claims) {
        claims += (claims.empty() ? "" : ", ") + to_yaml(std::string_view(name)) + ": " + to_yaml(std::string_view(value));
    }
    return out + (claims.empty() ? "}" : ", claims: {" + claims + "}}");
}

class writer {
public:
    explicit writer(const imported& what) : what_(what) {}

    std::string write() {
        for (const route& each : what_.routes) {
            if (count_ < most_tests) {
                write_route(each);
            }
        }
        return out_.empty() ? "" : "tests:\n" + out_;
    }

private:
    /// Of those that share the path, the method that leads to this one.
    [[nodiscard]] std::string method_for(const route& of) const {
        if (!of.methods.empty()) {
            return of.methods.front();
        }
        constexpr std::array<const char*, 5> common{"GET", "POST", "PUT", "DELETE", "PATCH"};
        const auto* const found = std::ranges::find_if(common, [&](const char* method) {
            return std::ranges::none_of(what_.routes,
                                        [&](const route& each) { return each.path == of.path && is_in(each.methods, method); });
        });
        return found == common.end() ? "" : *found;
    }

    [[nodiscard]] std::string host_for(const route& of) const {
        if (of.hosts.empty()) {
            return std::ranges::any_of(what_.routes, [](const route& each) { return !each.hosts.empty(); }) ? "elsewhere.test" : "";
        }
        const std::string& host = of.hosts.front();
        return host.starts_with("*.") ? "sub" + host.substr(1) : host;
    }

    void add(const route& of, const std::string& name, const std::string& who, const std::string& expected) {
        std::string path = of.path;
        if (!of.exact) {
            path += (path.ends_with('/') ? "" : "/") + std::string("a-page");
        }
        const std::string method = method_for(of);
        if (method.empty()) {
            return;
        }
        std::string request = "path: " + to_yaml(std::string_view(path));
        if (method != "GET") {
            request += ", method: " + to_yaml(std::string_view(method));
        }
        if (const std::string host = host_for(of); !host.empty()) {
            request += ", host: " + to_yaml(std::string_view(host));
        }
        if (!of.listeners.empty()) {
            request += ", listener: " + to_yaml(std::string_view(of.listeners.front()));
        }
        const std::string full = (of.hosts.empty() ? "" : of.hosts.front()) + path + ' ' + name;
        out_ += "  - {name: " + to_yaml(std::string_view(std::to_string(++count_) + ". " + (full.size() > 100 ? name : full))) +
                ", request: {" + request + "}, " + who + (who.empty() ? "" : ", ") + "expect: {" + expected + "}}\n";
    }

    void write_route(const route& of) {
        const access& who = of.does.who;
        switch (who.who) {
        case access::kind::open:
            add(of, "is public", "", "status: 200, reason: public");
            return;
        case access::kind::closed:
            add(of, "is closed", "", "status: 401");
            return;
        case access::kind::optional:
            add(of, "needs no token", "", "status: 200, reason: anonymous");
            return;
        case access::kind::token:
            add(of, "needs a token", "", "status: 401, reason: token_missing");
        }
        identity good;
        if (std::ranges::all_of(who.needs, [&](const requirement& each) { return satisfy(each, good); })) {
            add(of, "takes one", identity_text(good), "status: 200");
        }
        if (!std::ranges::all_of(who.needs, met_by_anybody)) {
            add(of, "does not take any", identity_text({}), "status: 403");
        }
    }

    const imported& what_;
    std::string out_;
    std::size_t count_ = 0;
};

} // namespace

std::string write_tests(const imported& what) {
    return writer(what).write();
}

} // namespace bearward::proxy::commands::importing

// The parts of Envoy's configuration that rules are made of. Each reader lists what it does not
// understand; what may refuse something is then taken to refuse everything.
#pragma once

#include "proxy/commands/import/foreign_yaml.hpp"
#include "proxy/commands/import/model.hpp"
#include "proxy/commands/import/path_pattern.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

/// What a RouteMatch says: of which paths and methods, and whether something else has to hold too.
struct envoy_match {
    std::vector<path_pattern> paths; ///< any of them
    std::set<std::string> methods;   ///< empty: any
    bool conditional = false;        ///< also something that is not known here

    [[nodiscard]] fit fits(const slice& of, const std::string& method) const;
};
/// The method that a header matcher on `:method` is for; nothing where it is something else, or no usual one.
[[nodiscard]] std::optional<std::string> exact_method(const config::node& header);
[[nodiscard]] envoy_match read_envoy_match(const config::node* match, imported& out);

/// The filter jwt_authn: what a request has to bring.
class envoy_jwt {
public:
    /// Adds the providers to the result.
    void read(const config::node& filter, imported& out);

    struct rule {
        envoy_match where;
        access who;
    };
    std::vector<rule> rules;             ///< the first that fits counts; none: open
    std::map<std::string, access> named; ///< requirement_map
    bool present = false;
    bool preflights_pass = false;
    std::set<std::string> forwards;            ///< providers whose token is given on
    std::set<std::string> in_query, in_cookie; ///< providers whose token may be there

    /// That the token is of a provider whose payload has that name. False: that can't be said.
    [[nodiscard]] bool add_payload_condition(const std::string& payload, std::vector<requirement>& to) const;

    /// What a requirement says; nothing is required where there is none.
    [[nodiscard]] access read_requirement(const config::node* requires_, imported& out, unsigned depth = 0) const;

private:
    void read_provider(const std::string& name, const config::node& of, imported& out);
    void read_places(const config::node& of, provider& into, imported& out);
    void read_keys(const std::string& name, const config::node& of, provider& into, imported& out) const;
    std::map<std::string, std::string> known_;                  ///< by Envoy's name, ours
    std::vector<std::pair<std::string, std::string>> payloads_; ///< of each: payload_in_metadata, and its issuer
};

/// The filter rbac, where it looks at paths, methods and claims of the token.
class envoy_rbac {
public:
    void read(const config::node& filter, const envoy_jwt& jwt, imported& out);
    /// The access with what the filter asks for besides.
    [[nodiscard]] access restrict(const access& who, const slice& of, const std::string& method) const;
    [[nodiscard]] bool present() const { return !filters_.empty(); }
    std::vector<path_pattern> patterns;
    std::set<std::string> methods;

private:
    struct policy {
        const config::node* permissions = nullptr;
        std::optional<requirement> principal; ///< nothing: any
        bool never = false;                   ///< a principal that is not understood
    };
    [[nodiscard]] fit permits(const config::node& permission, const slice& of, const std::string& method, unsigned depth) const;
    [[nodiscard]] fit permits_any(const config::node* list, const slice& of, const std::string& method, unsigned depth) const;
    void collect(const config::node& permission, imported& out, unsigned depth);
    std::optional<requirement> read_principal(const config::node& of, const envoy_jwt& jwt, imported& out, bool& any, unsigned depth);

    struct filter {
        bool deny = false;
        bool broken = false;
        std::vector<policy> policies;
    };
    std::vector<filter> filters_;
};

/// Clusters as upstreams, by name.
class envoy_clusters {
public:
    void read(const config::node& root, imported& out);
    /// The name of the upstream; empty where the cluster could not be taken over.
    [[nodiscard]] std::string find(const std::string& cluster) const;

private:
    std::map<std::string, std::string> upstreams_;
};

/// A StringMatcher as a condition on a claim; nothing where it can't be one.
[[nodiscard]] std::optional<requirement> read_string_matcher(const std::string& claim, const config::node& matcher);

/// The kind of a filter that refuses no request for who sends it; empty for others.
[[nodiscard]] std::string harmless_filter(const config::node& of);

/// `@type` and the inner value of a typed_config.
[[nodiscard]] std::string type_of(const config::node& typed);
[[nodiscard]] const config::node* typed_config(const config::node& of);

} // namespace bearward::proxy::commands::importing

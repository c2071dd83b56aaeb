// Finds the route of a request (policies/BEHAVIOUR.md 2): a trie of path segments, so that
// the cost grows with the path's length, not with the number of routes.
#pragma once

#include "policies/rules/path_comparison.hpp"
#include "policies/rules/route.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::rules {

struct route_bucket;
struct route_trie;

/// Parses a route's path: canonical, at most one {name} a segment and that the
/// whole segment, names unique. `/` has no segments; `/a/` ends with an empty one,
/// which a prefix route ignores. What is a pattern in other products (foreign_patterns)
/// is refused, unless it is `literal`. Error: a sentence.
[[nodiscard]] std::expected<std::vector<segment>, std::string> parse_pattern(std::string_view pattern, bool literal = false);

struct route_match {
    const route* matched = nullptr; ///< null: no path fits (404), or the method doesn't (405)
    bool path_found = false;        ///< some path owns the request; with matched == null: 405
    std::vector<std::string> allow; ///< the methods of that path's routes, for Allow
};

class route_table {
public:
    route_table();
    /// Takes the routes; their indices stay valid through routes(). `compared`: how
    /// paths are compared. `guarded`: what an app may ignore besides; find_ignoring then
    /// finds what a path reaches so.
    explicit route_table(std::vector<route> routes, path_comparison compared = {}, path_comparison guarded = {});
    ~route_table();
    route_table(route_table&&) noexcept;
    route_table& operator=(route_table&&) noexcept;

    /// `path` is canonical, `host` lower-case without port. Literals are compared
    /// percent-decoded, as upstreams do: /%40me is the route /@me. Thread-safe;
    /// allocates nothing for a match, unless an escape is in the path. `observer`, if
    /// given, gets every route whose path fits, the most specific first.
    [[nodiscard]] route_match find(std::string_view path, std::string_view host, std::string_view method, std::uint32_t listener,
                                   explanation* observer = nullptr) const;

    /// Whether find_ignoring may find something else than find: never without a guard.
    /// Cheap, and false for most paths of a table whose paths are lower-case. Thread-safe.
    [[nodiscard]] bool may_be_read_otherwise(std::string_view path) const noexcept;

    /// The route that the path reaches with everything ignored that the guard says.
    /// As find otherwise; only where may_be_read_otherwise holds.
    [[nodiscard]] route_match find_ignoring(std::string_view path, std::string_view host, std::string_view method,
                                            std::uint32_t listener) const;

    [[nodiscard]] path_comparison compared() const noexcept { return compared_; }
    /// What find_ignoring ignores; equal to compared() without a guard.
    [[nodiscard]] path_comparison guarded() const noexcept { return guarded_; }

    /// The captures of a matched route for this path, percent-decoded.
    [[nodiscard]] static std::vector<capture> captures(const route& matched, std::string_view path);

    [[nodiscard]] std::span<const route> routes() const noexcept { return routes_; }

    /// Pairs of routes (indices, ascending) that would match the same requests
    /// equally; of a larger set of equal routes each is paired with one before it.
    [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> conflicts() const;
    /// Such pairs where what the guard ignores is the only difference.
    [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> guarded_conflicts() const;

private:
    struct query;
    [[nodiscard]] const route_bucket* find_owner(const route_trie& in, const query& wanted) const;
    void match_in(const route_bucket& owner, const query& wanted, route_match& result) const;
    void tell_candidates(const query& wanted, const route_bucket* owner, const route_match& result, explanation& observer) const;

    std::vector<route> routes_;
    path_comparison compared_;
    path_comparison guarded_;
    std::unique_ptr<route_trie> trie_;
    std::unique_ptr<route_trie> ignoring_; ///< null: no guard
};

} // namespace bearward::policies::rules

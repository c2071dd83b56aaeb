// Finds the route of a request (contract 3.3): a trie of path segments, so that
// the cost grows with the path's length, not with the number of routes.
#pragma once

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

/// Parses a route's path: canonical, at most one {name} a segment and that the
/// whole segment, names unique. `/` has no segments; `/a/` ends with an empty one,
/// which a prefix route ignores. Error: a sentence.
[[nodiscard]] std::expected<std::vector<segment>, std::string> parse_pattern(std::string_view pattern);

struct route_match {
    const route* matched = nullptr; ///< null: no path fits (404), or the method doesn't (405)
    bool path_found = false;        ///< some path owns the request; with matched == null: 405
    std::vector<std::string> allow; ///< the methods of that path's routes, for Allow
};

class route_table {
public:
    route_table();
    /// Takes the routes; their indices stay valid through routes().
    explicit route_table(std::vector<route> routes);
    ~route_table();
    route_table(route_table&&) noexcept;
    route_table& operator=(route_table&&) noexcept;

    /// `path` is canonical, `host` lower-case without port. Literals are compared
    /// percent-decoded, as upstreams do: /%40me is the route /@me. Thread-safe;
    /// allocates nothing for a match, unless an escape is in the path. `observer`, if
    /// given, is told every route whose path fits, the most specific first.
    [[nodiscard]] route_match find(std::string_view path, std::string_view host, std::string_view method, std::uint32_t listener,
                                   explanation* observer = nullptr) const;

    /// The captures of a matched route for this path, percent-decoded.
    [[nodiscard]] static std::vector<capture> captures(const route& matched, std::string_view path);

    [[nodiscard]] std::span<const route> routes() const noexcept { return routes_; }

    /// Pairs of routes (indices, ascending) that would match the same requests
    /// equally; of a larger set of equal routes each is paired with one before it.
    [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> conflicts() const;

private:
    struct bucket;
    struct node;
    struct query;
    template <class Accepts>
    [[nodiscard]] static const bucket* walk(const node& at, std::string_view path, std::size_t from, const Accepts& accepts);
    void match_in(const bucket& owner, const query& wanted, route_match& result) const;
    void tell_candidates(const query& wanted, const bucket* owner, const route_match& result, explanation& observer) const;

    std::vector<route> routes_;
    std::unique_ptr<node> root_;
};

} // namespace bearward::policies::rules

// The trie behind route_table: a node for each segment of a path, with the routes
// that end there.
#pragma once

#include "policies/rules/path_comparison.hpp"
#include "policies/rules/path_segments.hpp"
#include "policies/rules/route.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bearward::policies::rules {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

template <class Value>
using text_map = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

using indices = std::vector<std::uint32_t>;

/// The routes of one path, by how exactly they name the host. In each list those
/// with methods stand before those for any.
struct route_bucket {
    text_map<indices> exact;
    text_map<indices> wildcard; ///< by suffix: ".example.com"
    indices any;

    /// Calls `visit` with each list that fits the host, the more exact one first,
    /// until it returns true; whether it did.
    template <class Visit>
    bool visit_host(std::string_view host, Visit visit) const {
        if (const auto found = exact.empty() ? exact.end() : exact.find(host); found != exact.end() && visit(found->second)) {
            return true;
        }
        if (!wildcard.empty()) {
            for (std::size_t dot = host.find('.', 1); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
                if (const auto found = wildcard.find(host.substr(dot)); found != wildcard.end() && visit(found->second)) {
                    return true;
                }
            }
        }
        return visit(any);
    }

    template <class Visit>
    void visit_all(Visit visit) const {
        std::ranges::for_each(exact, [&](const auto& each) { visit(each.second); });
        std::ranges::for_each(wildcard, [&](const auto& each) { visit(each.second); });
        visit(any);
    }
};

struct route_node {
    text_map<std::unique_ptr<route_node>> literals; ///< by percent-decoded text, folded where case is ignored
    std::unique_ptr<route_node> capture;
    route_bucket exact;
    route_bucket prefix;
};

/// The routes by their paths, for one way of comparing them.
struct route_trie {
    path_comparison compared;
    route_node root;
    std::size_t longest_literal = 0;
    bool folded = true;         ///< no literal would change if its case were folded
    bool no_final_slash = true; ///< of exact paths

    /// The child for a path's segment; null: none. Allocates for escapes alone.
    [[nodiscard]] const route_node* find_literal(const route_node& at, std::string_view text) const;

    /// Without the final slash, where that doesn't count.
    [[nodiscard]] std::string_view trim(std::string_view path) const noexcept {
        return compared.ignore_final_slash && path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
    }

    /// Shows the routes of each path that fits to `accepts`, the most specific path
    /// first, until it takes one: null when it takes none. Each node is visited at most
    /// once.
    template <class Accepts>
    [[nodiscard]] const route_bucket* walk(std::string_view path, const Accepts& accepts) const {
        const std::string_view counted = trim(path);
        return walk_from(root, counted, first_segment(counted), accepts);
    }

private:
    template <class Accepts>
    const route_bucket* walk_from(const route_node& at, std::string_view path, std::size_t from, const Accepts& accepts) const {
        if (!has_segment(path, from)) {
            if (accepts(at.exact)) {
                return &at.exact;
            }
            return accepts(at.prefix) ? &at.prefix : nullptr;
        }
        const std::string_view text = segment_at(path, from);
        const std::size_t next = next_segment(path, from);
        if (const route_node* literal = find_literal(at, text)) {
            if (const route_bucket* owner = walk_from(*literal, path, next, accepts)) {
                return owner;
            }
        }
        if (at.capture && !text.empty()) {
            if (const route_bucket* owner = walk_from(*at.capture, path, next, accepts)) {
                return owner;
            }
        }
        return accepts(at.prefix) ? &at.prefix : nullptr;
    }
};

[[nodiscard]] std::unique_ptr<route_trie> build_trie(const std::vector<route>& routes, path_comparison compared);

/// Pairs of routes (indices, ascending) that would match the same requests equally; of a
/// larger set of equal routes each is paired with one before it. `in` is made of `routes`.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> find_conflicts(const route_trie& in, const std::vector<route>& routes);

} // namespace bearward::policies::rules

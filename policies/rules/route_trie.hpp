// The nodes of route_table's trie: one for each segment of a path, with the routes
// that end there. Internal to route_table.
#pragma once

#include "policies/rules/route_table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
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
struct route_table::bucket {
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

struct route_table::node {
    text_map<std::unique_ptr<node>> literals; ///< by percent-decoded text
    std::unique_ptr<node> capture;
    bucket exact;
    bucket prefix;
};

struct route_table::query {
    std::string_view path;
    std::string_view host;
    std::string_view method;
    std::uint32_t listener;
};

} // namespace bearward::policies::rules

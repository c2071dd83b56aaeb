#include "policies/rules/route_table.hpp"

#include "policies/requests/target.hpp"
#include "policies/rules/path_segments.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

namespace bearward::policies::rules {
namespace {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

template <class Value>
using text_map = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

using indices = std::vector<std::uint32_t>;

bool lists_method(const route& candidate, std::string_view method) noexcept {
    return std::ranges::any_of(candidate.methods,
                               [&](const std::string& each) { return each == method || (each == "GET" && method == "HEAD"); });
}

bool fits_method(const route& candidate, std::string_view method) noexcept {
    return candidate.methods.empty() || lists_method(candidate, method);
}

bool fits_listener(const route& candidate, std::uint32_t listener) noexcept {
    return candidate.listeners.empty() || std::ranges::find(candidate.listeners, listener) != candidate.listeners.end();
}

bool share_listener(const route& left, const route& right) noexcept {
    return left.listeners.empty() || right.listeners.empty() ||
           std::ranges::any_of(left.listeners, [&](std::uint32_t each) { return fits_listener(right, each); });
}

bool share_method(const route& left, const route& right) noexcept {
    if (left.methods.empty() || right.methods.empty()) {
        return left.methods.empty() && right.methods.empty();
    }
    const auto overlaps = [](const route& one, const route& other) {
        return std::ranges::any_of(one.methods, [&](const std::string& each) { return lists_method(other, each); });
    };
    return overlaps(left, right) || overlaps(right, left);
}

void add_methods(std::vector<std::string>& allow, const std::vector<std::string>& methods) {
    const auto add = [&allow](std::string_view method) {
        if (std::ranges::find(allow, method) == allow.end()) {
            allow.emplace_back(method);
        }
    };
    for (const std::string& each : methods) {
        add(each);
        if (each == "GET") {
            add("HEAD");
        }
    }
}

} // namespace

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
    std::uint32_t listener;
};

route_table::route_table() = default;
route_table::~route_table() = default;
route_table::route_table(route_table&&) noexcept = default;
route_table& route_table::operator=(route_table&&) noexcept = default;

route_table::route_table(std::vector<route> routes) : routes_(std::move(routes)), root_(std::make_unique<node>()) {
    const auto add = [](indices& list, std::uint32_t index) {
        if (list.empty() || list.back() != index) { // a host may stand twice
            list.push_back(index);
        }
    };
    // Routes that list methods first: within a host they win over routes for any.
    for (const bool listing : {true, false}) {
        for (std::uint32_t index = 0; index < routes_.size(); ++index) {
            const route& each = routes_[index];
            if (each.methods.empty() == listing) {
                continue;
            }
            node* at = root_.get();
            for (const segment& part : each.segments) {
                if (!each.exact && part.text.empty() && &part == &each.segments.back()) {
                    break; // prefix: /a/ is prefix: /a
                }
                auto& next = part.is_capture ? at->capture : at->literals[requests::decode_segment(part.text)];
                if (!next) {
                    next = std::make_unique<node>();
                }
                at = next.get();
            }
            bucket& own = each.exact ? at->exact : at->prefix;
            for (const std::string& host : each.hosts) {
                add(host.starts_with("*.") ? own.wildcard[host.substr(1)] : own.exact[host], index);
            }
            if (each.hosts.empty()) {
                add(own.any, index);
            }
        }
    }
}

/// The routes of the most specific path that fits, among those whose host and
/// listener fit. Each node of the trie is visited at most once.
const route_table::bucket* route_table::find_owner(const node& at, const query& wanted, std::size_t from) const {
    const auto fits = [&](const bucket& candidates) {
        return candidates.visit_host(wanted.host, [&](const indices& list) {
            return std::ranges::any_of(list, [&](std::uint32_t index) { return fits_listener(routes_[index], wanted.listener); });
        });
    };
    if (!has_segment(wanted.path, from)) {
        if (fits(at.exact)) {
            return &at.exact;
        }
        return fits(at.prefix) ? &at.prefix : nullptr;
    }
    const std::string_view text = segment_at(wanted.path, from);
    const std::size_t next = next_segment(wanted.path, from);
    if (!at.literals.empty()) {
        const auto found = text.contains('%') ? at.literals.find(requests::decode_segment(text)) : at.literals.find(text);
        if (found != at.literals.end()) {
            if (const bucket* owner = find_owner(*found->second, wanted, next)) {
                return owner;
            }
        }
    }
    if (at.capture && !text.empty()) {
        if (const bucket* owner = find_owner(*at.capture, wanted, next)) {
            return owner;
        }
    }
    return fits(at.prefix) ? &at.prefix : nullptr;
}

route_match route_table::find(std::string_view path, std::string_view host, std::string_view method, std::uint32_t listener) const {
    route_match result;
    const query wanted{.path = path, .host = host, .listener = listener};
    const bucket* owner = root_ && path.starts_with('/') ? find_owner(*root_, wanted, first_segment(path)) : nullptr;
    if (owner == nullptr) {
        return result;
    }
    result.path_found = true;
    const auto fits = [&](const route& each) { return fits_listener(each, listener) && fits_method(each, method); };
    owner->visit_host(host, [&](const indices& list) {
        const auto found = std::ranges::find_if(list, [&](std::uint32_t index) { return fits(routes_[index]); });
        result.matched = found == list.end() ? nullptr : &routes_[*found];
        return result.matched != nullptr;
    });
    if (result.matched != nullptr) {
        return result;
    }
    owner->visit_host(host, [&](const indices& list) {
        for (const std::uint32_t index : list) {
            if (fits_listener(routes_[index], listener)) {
                add_methods(result.allow, routes_[index].methods);
            }
        }
        return false;
    });
    return result;
}

std::vector<capture> route_table::captures(const route& matched, std::string_view path) {
    std::vector<capture> found;
    std::size_t at = first_segment(path);
    for (const segment& part : matched.segments) {
        if (!has_segment(path, at)) {
            break;
        }
        if (part.is_capture) {
            found.push_back({.name = part.text, .value = requests::decode_segment(segment_at(path, at))});
        }
        at = next_segment(path, at);
    }
    return found;
}

std::vector<std::pair<std::size_t, std::size_t>> route_table::conflicts() const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const auto check = [&](const indices& list) {
        for (auto later = list.begin(); later != list.end(); ++later) {
            const auto equal = std::find_if(list.begin(), later, [&](std::uint32_t earlier) {
                return share_listener(routes_[earlier], routes_[*later]) && share_method(routes_[earlier], routes_[*later]);
            });
            if (equal != later) {
                pairs.emplace_back(std::min(*equal, *later), std::max(*equal, *later));
            }
        }
    };
    std::vector<const node*> open;
    if (root_) {
        open.push_back(root_.get());
    }
    while (!open.empty()) {
        const node* at = open.back();
        open.pop_back();
        at->exact.visit_all(check);
        at->prefix.visit_all(check);
        for (const auto& [text, child] : at->literals) {
            open.push_back(child.get());
        }
        if (at->capture) {
            open.push_back(at->capture.get());
        }
    }
    std::ranges::sort(pairs);
    pairs.erase(std::ranges::unique(pairs).begin(), pairs.end());
    return pairs;
}

} // namespace bearward::policies::rules

#include "policies/rules/route_table.hpp"

#include "policies/requests/target.hpp"
#include "policies/rules/path_segments.hpp"
#include "policies/rules/route_steps.hpp"
#include "policies/rules/route_trie.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bearward::policies::rules {
namespace {

/// Of the routes whose path fits and that are for other hosts.
constexpr std::size_t most_told_elsewhere = 16;

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

/// Shows the routes of each path that fits to `accepts`, the most specific path
/// first, until it takes one: null when it takes none. Each node of the trie is
/// visited at most once.
template <class Accepts>
const route_table::bucket* route_table::walk(const node& at, std::string_view path, std::size_t from, const Accepts& accepts) {
    if (!has_segment(path, from)) {
        if (accepts(at.exact)) {
            return &at.exact;
        }
        return accepts(at.prefix) ? &at.prefix : nullptr;
    }
    const std::string_view text = segment_at(path, from);
    const std::size_t next = next_segment(path, from);
    if (!at.literals.empty()) {
        const auto found = text.contains('%') ? at.literals.find(requests::decode_segment(text)) : at.literals.find(text);
        if (found != at.literals.end()) {
            if (const bucket* owner = walk(*found->second, path, next, accepts)) {
                return owner;
            }
        }
    }
    if (at.capture && !text.empty()) {
        if (const bucket* owner = walk(*at.capture, path, next, accepts)) {
            return owner;
        }
    }
    return accepts(at.prefix) ? &at.prefix : nullptr;
}

/// The same walk again, past the owner, for people who want to see the others.
void route_table::tell_candidates(const query& wanted, const bucket* owner, const route_match& result, explanation& observer) const {
    std::size_t elsewhere = 0; // a path may have thousands of routes for other hosts: not all are told
    (void)walk(*root_, wanted.path, first_segment(wanted.path), [&](const bucket& candidates) {
        indices in_order;
        const auto append = [&](const indices& list) {
            std::ranges::copy_if(list, std::back_inserter(in_order),
                                 [&](std::uint32_t index) { return std::ranges::find(in_order, index) == in_order.end(); });
        };
        candidates.visit_host(wanted.host, [&](const indices& list) {
            append(list);
            return false;
        });
        const std::size_t for_host = in_order.size();
        candidates.visit_all([&](const indices& list) {
            if (in_order.size() < for_host + most_told_elsewhere) {
                append(list);
            }
        });
        for (std::size_t at = 0; at < in_order.size(); ++at) {
            const route& each = routes_[in_order[at]];
            if (at >= for_host && ++elsewhere > most_told_elsewhere) {
                continue;
            }
            observer.add(candidate_step(each, {.host = at < for_host,
                                               .listener = fits_listener(each, wanted.listener),
                                               .method = fits_method(each, wanted.method),
                                               .owner = &candidates == owner,
                                               .chosen = &each == result.matched}));
        }
        return false;
    });
}

route_match route_table::find(std::string_view path, std::string_view host, std::string_view method, std::uint32_t listener,
                              explanation* observer) const {
    route_match result;
    const query wanted{.path = path, .host = host, .method = method, .listener = listener};
    if (!root_ || !path.starts_with('/')) {
        return result;
    }
    const bucket* owner = walk(*root_, path, first_segment(path), [&](const bucket& candidates) {
        return candidates.visit_host(host, [&](const indices& list) {
            return std::ranges::any_of(list, [&](std::uint32_t index) { return fits_listener(routes_[index], listener); });
        });
    });
    if (owner != nullptr) {
        match_in(*owner, wanted, result);
    }
    if (observer != nullptr) [[unlikely]] {
        tell_candidates(wanted, owner, result, *observer);
    }
    return result;
}

/// Of the owner's routes the one that takes the request, or the methods that they take.
void route_table::match_in(const bucket& owner, const query& wanted, route_match& result) const {
    result.path_found = true;
    const auto fits = [&](const route& each) { return fits_listener(each, wanted.listener) && fits_method(each, wanted.method); };
    owner.visit_host(wanted.host, [&](const indices& list) {
        const auto found = std::ranges::find_if(list, [&](std::uint32_t index) { return fits(routes_[index]); });
        result.matched = found == list.end() ? nullptr : &routes_[*found];
        return result.matched != nullptr;
    });
    if (result.matched != nullptr) {
        return;
    }
    owner.visit_host(wanted.host, [&](const indices& list) {
        for (const std::uint32_t index : list) {
            if (fits_listener(routes_[index], wanted.listener)) {
                add_methods(result.allow, routes_[index].methods);
            }
        }
        return false;
    });
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

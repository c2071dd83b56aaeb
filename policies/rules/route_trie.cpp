#include "policies/rules/route_trie.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/case_folding.hpp"
#include "policies/requests/method.hpp"
#include "policies/requests/target.hpp"

#include <algorithm>
#include <array>

namespace bearward::policies::rules {
namespace {

bool share_listener(const route& left, const route& right) noexcept {
    return left.listeners.empty() || right.listeners.empty() || std::ranges::any_of(left.listeners, [&](std::uint32_t each) {
               return std::ranges::find(right.listeners, each) != right.listeners.end();
           });
}

bool share_method(const route& left, const route& right) noexcept {
    if (left.methods.empty() || right.methods.empty()) {
        return left.methods.empty() && right.methods.empty();
    }
    const auto overlaps = [](const route& one, const route& other) {
        return std::ranges::any_of(one.methods, [&](const std::string& each) {
            return std::ranges::any_of(other.methods, [&](const std::string& taken) { return requests::lets_through(taken, each); });
        });
    };
    return overlaps(left, right) || overlaps(right, left);
}

} // namespace

const route_node* route_trie::find_literal(const route_node& at, std::string_view text) const {
    if (at.literals.empty()) {
        return nullptr;
    }
    const auto look_up = [&at](std::string_view key) {
        const auto found = at.literals.find(key);
        return found == at.literals.end() ? nullptr : found->second.get();
    };
    if (text.contains('%')) {
        const std::string decoded = requests::decode_segment(text);
        return look_up(compared.ignore_case ? requests::fold_case(decoded) : decoded);
    }
    if (!compared.ignore_case || !requests::has_upper(text)) {
        return look_up(text);
    }
    if (text.size() > longest_literal) {
        return nullptr; // without escapes folding keeps the length
    }
    std::array<char, 128> lower{};
    if (text.size() > lower.size()) {
        return look_up(requests::fold_case(text));
    }
    std::ranges::transform(text, lower.begin(), to_lower);
    return look_up({lower.data(), text.size()});
}

std::unique_ptr<route_trie> build_trie(const std::vector<route>& routes, path_comparison compared) {
    auto made = std::make_unique<route_trie>();
    made->compared = compared;
    const auto add = [](indices& list, std::uint32_t index) {
        if (list.empty() || list.back() != index) { // a host may stand twice
            list.push_back(index);
        }
    };
    const auto key_of = [&made, compared](const segment& part) {
        std::string key = requests::decode_segment(part.text);
        std::string folded = requests::fold_case(key);
        made->folded = made->folded && folded == key;
        if (compared.ignore_case) {
            key = std::move(folded);
        }
        made->longest_literal = std::max(made->longest_literal, key.size());
        return key;
    };
    // Routes that list methods first: within a host they win over routes for any.
    for (const bool listing : {true, false}) {
        for (std::uint32_t index = 0; index < routes.size(); ++index) {
            const route& each = routes[index];
            if (each.methods.empty() == listing) {
                continue;
            }
            route_node* place = &made->root;
            for (const segment& part : each.segments) {
                const bool final_slash = !part.is_capture && part.text.empty() && &part == &each.segments.back();
                made->no_final_slash = made->no_final_slash && !(final_slash && each.exact);
                if (final_slash && (!each.exact || compared.ignore_final_slash)) {
                    break; // prefix: /a/ is prefix: /a
                }
                auto& next = part.is_capture ? place->capture : place->literals[key_of(part)];
                if (!next) {
                    next = std::make_unique<route_node>();
                }
                place = next.get();
            }
            route_bucket& own = each.exact ? place->exact : place->prefix;
            for (const std::string& host : each.hosts) {
                add(host.starts_with("*.") ? own.wildcard[host.substr(1)] : own.exact[host], index);
            }
            if (each.hosts.empty()) {
                add(own.any, index);
            }
        }
    }
    return made;
}

std::vector<std::pair<std::size_t, std::size_t>> find_conflicts(const route_trie& in, const std::vector<route>& routes) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const auto check = [&](const indices& list) {
        for (auto later = list.begin(); later != list.end(); ++later) {
            const auto equal = std::find_if(list.begin(), later, [&](std::uint32_t earlier) {
                return share_listener(routes[earlier], routes[*later]) && share_method(routes[earlier], routes[*later]);
            });
            if (equal != later) {
                pairs.emplace_back(std::min(*equal, *later), std::max(*equal, *later));
            }
        }
    };
    std::vector<const route_node*> open{&in.root};
    while (!open.empty()) {
        const route_node* at = open.back();
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

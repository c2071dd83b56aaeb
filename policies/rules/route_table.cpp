#include "policies/rules/route_table.hpp"

#include "policies/requests/case_folding.hpp"
#include "policies/requests/method.hpp"
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
    return std::ranges::any_of(candidate.methods, [&](const std::string& each) { return requests::lets_through(each, method); });
}

bool fits_method(const route& candidate, std::string_view method) noexcept {
    return candidate.methods.empty() || lists_method(candidate, method);
}

bool fits_listener(const route& candidate, std::uint32_t listener) noexcept {
    return candidate.listeners.empty() || std::ranges::find(candidate.listeners, listener) != candidate.listeners.end();
}

void add_methods(std::vector<std::string>& allow, const std::vector<std::string>& methods) {
    const auto add = [&allow](std::string_view method) {
        if (std::ranges::find(allow, method) == allow.end()) {
            allow.emplace_back(method);
        }
    };
    for (const std::string& each : methods) {
        add(each);
        if (requests::lets_through(each, "HEAD")) {
            add("HEAD");
        }
    }
}

} // namespace

struct route_table::query {
    std::string_view path;
    std::string_view host;
    std::string_view method;
    std::uint32_t listener;
};

route_table::route_table() = default;
route_table::~route_table() = default;
route_table::route_table(route_table&&) noexcept = default;
route_table& route_table::operator=(route_table&&) noexcept = default;

route_table::route_table(std::vector<route> routes, path_comparison compared, path_comparison guarded)
    : routes_(std::move(routes)), compared_(compared),
      guarded_{.ignore_case = compared.ignore_case || guarded.ignore_case,
               .ignore_final_slash = compared.ignore_final_slash || guarded.ignore_final_slash},
      trie_(build_trie(routes_, compared_)), ignoring_(guarded_ == compared_ ? nullptr : build_trie(routes_, guarded_)) {
    for (route& each : routes_) {
        each.rate_said = each.rate ? make_rate_texts(*each.rate, each.name) : rate_texts{};
    }
}

const route_bucket* route_table::find_owner(const route_trie& in, const query& wanted) const {
    return in.walk(wanted.path, [&](const route_bucket& candidates) {
        return candidates.visit_host(wanted.host, [&](const indices& list) {
            return std::ranges::any_of(list, [&](std::uint32_t index) { return fits_listener(routes_[index], wanted.listener); });
        });
    });
}

/// The same walk again, past the owner, for people who want to see the others.
void route_table::tell_candidates(const query& wanted, const route_bucket* owner, const route_match& result, explanation& observer) const {
    std::size_t elsewhere = 0; // a path may have thousands of routes for other hosts: not all are reported
    (void)trie_->walk(wanted.path, [&](const route_bucket& candidates) {
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
    if (!trie_ || !path.starts_with('/')) {
        return result;
    }
    const route_bucket* owner = find_owner(*trie_, wanted);
    if (owner != nullptr) {
        match_in(*owner, wanted, result);
    }
    if (observer != nullptr) [[unlikely]] {
        tell_candidates(wanted, owner, result, *observer);
    }
    return result;
}

bool route_table::may_be_read_otherwise(std::string_view path) const noexcept {
    if (!ignoring_) {
        return false;
    }
    const bool case_may_differ = guarded_.ignore_case && !compared_.ignore_case;
    if (case_may_differ && (!ignoring_->folded || path.contains('%') || requests::has_upper(path))) {
        return true;
    }
    const bool slash_may_differ = guarded_.ignore_final_slash && !compared_.ignore_final_slash;
    return slash_may_differ && path.size() > 1 && (!ignoring_->no_final_slash || path.ends_with('/'));
}

route_match route_table::find_ignoring(std::string_view path, std::string_view host, std::string_view method,
                                       std::uint32_t listener) const {
    route_match result;
    const query wanted{.path = path, .host = host, .method = method, .listener = listener};
    if (const route_bucket* owner = ignoring_ && path.starts_with('/') ? find_owner(*ignoring_, wanted) : nullptr) {
        match_in(*owner, wanted, result);
    }
    return result;
}

/// Of the owner's routes the one that takes the request, or the methods that they take.
void route_table::match_in(const route_bucket& owner, const query& wanted, route_match& result) const {
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
    return trie_ ? find_conflicts(*trie_, routes_) : std::vector<std::pair<std::size_t, std::size_t>>{};
}

std::vector<std::pair<std::size_t, std::size_t>> route_table::guarded_conflicts() const {
    std::vector<std::pair<std::size_t, std::size_t>> only_guarded;
    if (ignoring_) {
        std::ranges::set_difference(find_conflicts(*ignoring_, routes_), conflicts(), std::back_inserter(only_guarded));
    }
    return only_guarded;
}

} // namespace bearward::policies::rules

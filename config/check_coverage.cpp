// Finds routes that open what others close. Works on the compiled routes; costs
// about the number of routes times the depth of their paths.
#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "config/implication.hpp"
#include "policies/requests/case_folding.hpp"
#include "policies/requests/method.hpp"
#include "policies/requests/target.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <span>

namespace bearward::config {

namespace {

using policies::rules::path_comparison;
using policies::rules::route;

/// The paths of all routes; captures share one child whatever their names.
struct path_node {
    std::map<std::string, std::unique_ptr<path_node>, std::less<>> literals;
    std::unique_ptr<path_node> capture;
    std::vector<std::size_t> routes; ///< that end here
};

/// As the route table compares it.
std::string key_of(const policies::rules::segment& literal, path_comparison compared) {
    std::string key = policies::requests::decode_segment(literal.text);
    return compared.ignore_case ? policies::requests::fold_case(key) : key;
}

/// Without the last slash where it doesn't count: prefix: /a/ is prefix: /a.
std::span<const policies::rules::segment> segments_of(const route& of, path_comparison compared) {
    const std::span<const policies::rules::segment> all = of.segments;
    const bool trailing = !all.empty() && !all.back().is_capture && all.back().text.empty();
    return all.first(all.size() - (trailing && (!of.exact || compared.ignore_final_slash) ? 1 : 0));
}

void insert(path_node& root, const route& added, std::size_t index, path_comparison compared) {
    path_node* at = &root;
    for (const policies::rules::segment& each : segments_of(added, compared)) {
        std::unique_ptr<path_node>& next = each.is_capture ? at->capture : at->literals[key_of(each, compared)];
        if (!next) {
            next = std::make_unique<path_node>();
        }
        at = next.get();
    }
    at->routes.push_back(index);
}

template <class T>
bool lists_overlap(const std::vector<T>& left, const std::vector<T>& right) {
    return left.empty() || right.empty() ||
           std::ranges::any_of(left, [&](const T& each) { return std::ranges::find(right, each) != right.end(); });
}

bool host_matches(std::string_view pattern, std::string_view host) {
    return pattern == host || (pattern.starts_with("*.") && host.ends_with(pattern.substr(1)));
}

bool hosts_overlap(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    constexpr std::size_t most_pairs = 10'000; // beyond it is taken for granted
    return left.size() * right.size() > most_pairs || left.empty() || right.empty() || std::ranges::any_of(left, [&](const std::string& a) {
               return std::ranges::any_of(right, [&](const std::string& b) { return host_matches(a, b) || host_matches(b, a); });
           });
}

bool methods_overlap(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    using policies::requests::lets_through;
    return left.empty() || right.empty() || std::ranges::any_of(left, [&](const std::string& a) {
               return std::ranges::any_of(right, [&](const std::string& b) { return lets_through(a, b) || lets_through(b, a); });
           });
}

/// Whether one request could be meant by both, but for the path.
bool overlap(const route& left, const route& right) {
    return hosts_overlap(left.hosts, right.hosts) && methods_overlap(left.methods, right.methods) &&
           lists_overlap(left.listeners, right.listeners);
}

class coverage {
public:
    coverage(reading& state, const std::vector<compiled_route>& routes, path_comparison compared)
        : state_(state), routes_(routes), compared_(compared) {
        for (std::size_t i = 0; i < routes.size(); ++i) {
            insert(root_, routes[i].route, i, compared);
        }
    }

    /// Warns of what this route opens: at most once of each kind.
    void check(std::size_t index) {
        inner_ = index;
        enclosing_.reset();
        outranked_.reset();
        walk(root_, 0, false);
        if (enclosing_) {
            complain(*enclosing_, warning_code::looser_route, "inside the prefix of the route ");
        }
        if (outranked_) {
            complain(*outranked_, warning_code::looser_literal, "takes requests with its literal path from the route ");
        }
    }

private:
    /// All nodes whose paths share requests with the route's: `literal_won` once
    /// the route has a literal where the node's path has a capture.
    void walk(const path_node& at, std::size_t depth, bool literal_won) {
        constexpr std::size_t most_visits = 5'000'000; // of all routes together: a warning isn't worth more
        if (++visits_ > most_visits) {
            return;
        }
        const route& inner = routes_[inner_].route;
        const auto segments = segments_of(inner, compared_);
        for (const std::size_t each : at.routes) {
            consider(each, depth, literal_won);
        }
        if (depth >= segments.size()) {
            if (!inner.exact && literal_won) {
                for (const auto& [text, next] : at.literals) {
                    walk(*next, depth + 1, literal_won);
                }
                if (at.capture) {
                    walk(*at.capture, depth + 1, literal_won);
                }
            }
            return;
        }
        const policies::rules::segment& step = segments[depth];
        if (step.is_capture) {
            if (at.capture) {
                walk(*at.capture, depth + 1, literal_won);
            }
            // Before the first difference a literal there would outrank the route.
            for (const auto& [text, next] : at.literals) {
                if (literal_won) {
                    walk(*next, depth + 1, literal_won);
                }
            }
            return;
        }
        if (const auto next = at.literals.find(key_of(step, compared_)); next != at.literals.end()) {
            walk(*next->second, depth + 1, literal_won);
        }
        if (at.capture) {
            walk(*at.capture, depth + 1, true);
        }
    }

    void consider(std::size_t outer_index, std::size_t depth, bool literal_won) {
        const route& inner = routes_[inner_].route;
        const route& outer = routes_[outer_index].route;
        const std::size_t inner_size = segments_of(inner, compared_).size();
        const std::size_t outer_size = segments_of(outer, compared_).size();
        if (outer_index == inner_ || (depth < inner_size && outer.exact) || !overlap(inner, outer)) {
            return;
        }
        const bool deeper = inner_size > outer_size || (inner_size == outer_size && inner.exact && !outer.exact);
        if (!literal_won && !deeper) {
            return;
        }
        if (requires_at_least(inner, outer)) {
            return;
        }
        std::optional<std::size_t>& kept = literal_won ? outranked_ : enclosing_;
        if (!kept || routes_[*kept].route.segments.size() <= outer.segments.size()) {
            kept = outer_index;
        }
    }

    void complain(std::size_t outer_index, warning_code code, const std::string& how) {
        const compiled_route& inner = routes_[inner_];
        const compiled_route& outer = routes_[outer_index];
        state_.warning(inner.at, code,
                       how + quote(outer.route.name) + " at " + to_string(outer.at.where) +
                           ", but requires less: " + why_less(inner.route, outer.route));
    }

    reading& state_;
    const std::vector<compiled_route>& routes_;
    path_comparison compared_;
    path_node root_;
    std::size_t inner_ = 0;
    std::size_t visits_ = 0;
    std::optional<std::size_t> enclosing_;
    std::optional<std::size_t> outranked_;
};

/// A path that requests can't have is an error of its own; what is left is the method.
void check_reachable(reading& state, const compiled_route& each) {
    const std::vector<std::string>& methods = each.route.methods;
    if (methods.empty() || !std::ranges::all_of(methods, policies::requests::is_refused)) {
        return;
    }
    const std::string why = "can never match: TRACE and CONNECT are always refused";
    if (each.route.require.empty()) {
        state.warning(each.at, warning_code::unreachable_route, why);
    } else {
        state.error(each.at, why + "; what it requires would protect nothing");
    }
}

} // namespace

void check_coverage(reading& state, const std::vector<compiled_route>& routes, path_comparison compared) {
    coverage found(state, routes, compared);
    for (std::size_t i = 0; i < routes.size(); ++i) {
        check_reachable(state, routes[i]);
        found.check(i);
    }
}

} // namespace bearward::config

#include "policies/rules/specificity.hpp"

#include "policies/requests/case_folding.hpp"
#include "policies/requests/target.hpp"

#include <algorithm>
#include <compare>
#include <span>
#include <tuple>

namespace bearward::policies::rules {
namespace {

/// prefix: /a/ is prefix: /a.
std::span<const segment> segments_of(const route& of, path_comparison compared) noexcept {
    const std::span<const segment> all = of.segments;
    const bool trailing = (!of.exact || compared.ignore_final_slash) && !all.empty() && !all.back().is_capture && all.back().text.empty();
    return all.first(all.size() - (trailing ? 1 : 0));
}

/// As the route table compares them: percent-decoded.
std::string key_of(const segment& literal, path_comparison compared) {
    std::string key = requests::decode_segment(literal.text);
    return compared.ignore_case ? requests::fold_case(key) : key;
}

std::strong_ordering compare_paths(const route& left, const route& right, path_comparison compared) {
    const auto one = segments_of(left, compared);
    const auto other = segments_of(right, compared);
    for (std::size_t at = 0; at < std::min(one.size(), other.size()); ++at) {
        if (one[at].is_capture != other[at].is_capture) {
            return one[at].is_capture <=> other[at].is_capture;
        }
        if (!one[at].is_capture) {
            const auto order = key_of(one[at], compared) <=> key_of(other[at], compared);
            if (order != std::strong_ordering::equal) {
                return order;
            }
        }
    }
    if (one.size() != other.size()) {
        return other.size() <=> one.size();
    }
    return right.exact <=> left.exact;
}

/// Of the most exact host: the kind (exact, wildcard, any), then longer first.
std::pair<int, std::size_t> host_rank(const route& of) noexcept {
    constexpr std::size_t longest = ~std::size_t{0};
    std::pair<int, std::size_t> best{2, 0};
    for (const std::string& host : of.hosts) {
        const bool wildcard = host.starts_with("*.");
        best = std::min(best, wildcard ? std::pair{1, longest - host.size()} : std::pair{0, std::size_t{0}});
    }
    return best;
}

} // namespace

bool more_specific(const route& left, const route& right, path_comparison compared) {
    const auto paths = compare_paths(left, right, compared);
    if (paths != std::strong_ordering::equal) {
        return paths == std::strong_ordering::less;
    }
    return std::tuple(host_rank(left), left.methods.empty()) < std::tuple(host_rank(right), right.methods.empty());
}

std::vector<const route*> sort_by_specificity(std::span<const route> routes, path_comparison compared) {
    std::vector<const route*> sorted;
    for (const route& each : routes) {
        sorted.push_back(&each);
    }
    // Not std::stable_sort: libstdc++ 12's uses what C++17 deprecates, and clang says so.
    std::ranges::sort(sorted, [compared](const route* left, const route* right) {
        const bool before = more_specific(*left, *right, compared);
        return before || (left < right && !more_specific(*right, *left, compared));
    });
    return sorted;
}

} // namespace bearward::policies::rules

#include "policies/rules/specificity.hpp"

#include "policies/explanation.hpp"
#include "policies/rules/route_table.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace bearward::policies::rules {
namespace {

using ::testing::ElementsAre;

route make_route(std::string name, std::string_view pattern, bool exact = false) {
    route made;
    made.name = std::move(name);
    made.pattern = pattern;
    made.segments = parse_pattern(pattern).value();
    made.exact = exact;
    return made;
}

std::vector<std::string> sorted_names(const std::vector<route>& routes) {
    std::vector<std::string> names;
    for (const route* each : sort_by_specificity(routes)) {
        names.push_back(each->name);
    }
    return names;
}

TEST(specificity, literals_before_captures_longer_before_shorter_exact_before_prefix) {
    EXPECT_THAT(sorted_names({make_route("root", "/"), make_route("capture", "/{x}/b"), make_route("a", "/a"),
                              make_route("a_exact", "/a", true), make_route("a_b", "/a/b"), make_route("a_capture", "/a/{x}")}),
                ElementsAre("a_b", "a_capture", "a_exact", "a", "capture", "root"));
}

TEST(specificity, hosts_and_methods_decide_between_equal_paths) {
    std::vector<route> routes{make_route("any", "/a@"), make_route("short_wildcard", "/a%40"), make_route("long_wildcard", "/a@/"),
                              make_route("host", "/a@"), make_route("get", "/a@")};
    routes[1].hosts = {"*.example.com"};
    routes[2].hosts = {"*.api.example.com"};
    routes[3].hosts = {"*.com", "example.com"};
    routes[4].methods = {"GET"};
    EXPECT_THAT(sorted_names(routes), ElementsAre("host", "long_wildcard", "short_wildcard", "get", "any"));
}

TEST(specificity, equal_routes_stay_as_they_stand) {
    EXPECT_THAT(sorted_names({make_route("two", "/{a}"), make_route("one", "/{b}")}), ElementsAre("two", "one"));
}

/// The list that people see and the trie that serves must agree: of the routes
/// that fit a request in path, host and method the first listed is the one matched.
TEST(specificity, the_first_listed_of_those_that_fit_is_the_one_that_serves) {
    std::mt19937 random(20'260'131);
    const auto pick = [&random](std::initializer_list<const char*> from) {
        return std::string(*(from.begin() + std::uniform_int_distribution<std::ptrdiff_t>(0, std::ssize(from) - 1)(random)));
    };
    std::size_t matched = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<route> routes;
        for (int index = 0; index < 12; ++index) {
            std::string pattern;
            const int length = std::uniform_int_distribution<int>(0, 3)(random);
            for (int at = 0; at < length; ++at) {
                pattern += '/' + pick({"a", "b", "{x"});
                pattern += pattern.ends_with("{x") ? std::to_string(at) + '}' : "";
            }
            route made = make_route(std::to_string(index), pattern.empty() ? "/" : pattern, round % 2 == 0 && index % 3 == 0);
            if (const auto host = pick({"", "h.test", "*.test", "*.h.test"}); !host.empty()) {
                made.hosts = {host};
            }
            routes.push_back(std::move(made));
        }
        const auto listed = sort_by_specificity(routes);
        const route_table table(routes);
        for (int each = 0; each < 20; ++each) {
            const std::string path = "/" + pick({"a", "b", "c"}) + pick({"", "/a", "/b", "/c"}) + pick({"", "/a", "/b"});
            explanation told;
            const auto* found = table.find(path, pick({"h.test", "x.h.test", "other"}), "GET", 0, &told).matched;
            std::vector<std::string> fitting; // as the trie tells them, in its order
            for (const step& one : told.steps()) {
                if (one.note != "not for this host") {
                    fitting.push_back(one.check);
                }
            }
            ASSERT_EQ(found == nullptr, fitting.empty());
            if (found != nullptr) {
                ++matched;
                std::vector<std::string> as_listed;
                for (const route* one : listed) {
                    if (std::ranges::find(fitting, one->name) != fitting.end()) {
                        as_listed.push_back(one->name);
                    }
                }
                const auto first = std::ranges::find(routes, as_listed.front(), &route::name);
                EXPECT_FALSE(more_specific(*first, routes[std::stoul(found->name)]))
                    << path << ": " << first->name << " before " << found->name;
            }
        }
    }
    EXPECT_GT(matched, 1'000U);
}

} // namespace
} // namespace bearward::policies::rules

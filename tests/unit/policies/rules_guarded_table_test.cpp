// Paths compared without case or a final slash, as the table's own rule and as what
// an app may ignore besides; against a naive reading.
#include "policies/rules/route_table.hpp"
#include "policies/rules/specificity.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace bearward::policies::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr path_comparison both{.ignore_case = true, .ignore_final_slash = true};
constexpr path_comparison no_case{.ignore_case = true};
constexpr path_comparison no_slash{.ignore_final_slash = true};

route make_route(std::string_view pattern, bool exact = false, std::vector<std::string> methods = {}) {
    route made;
    made.pattern = pattern;
    made.name = std::string(exact ? "=" : "") + std::string(pattern);
    made.segments = parse_pattern(pattern).value();
    made.exact = exact;
    made.methods = std::move(methods);
    return made;
}

std::string name_of(const route_match& match) {
    return match.matched != nullptr ? match.matched->name : match.path_found ? "405" : "404";
}

std::string owner(const route_table& table, std::string_view path, std::string_view method = "GET") {
    return name_of(table.find(path, "h", method, 0));
}

std::string guarded(const route_table& table, std::string_view path, std::string_view method = "GET") {
    return table.may_be_read_otherwise(path) ? name_of(table.find_ignoring(path, "h", method, 0)) : owner(table, path, method);
}

TEST(guarded_table_test, the_tables_own_rule_is_strict_and_the_guard_ignores) {
    const route_table table(
        {make_route("/"), make_route("/admin"), make_route("/secret", true), make_route("/Big/{id}"), make_route("/end/", true)}, {}, both);
    const std::vector<std::vector<std::string_view>> cases{
        {"/admin/x", "/admin", "/admin"},
        {"/ADMIN/users", "/", "/admin"},
        {"/Admin", "/", "/admin"},
        {"/admin/", "/admin", "/admin"},
        {"/secret", "=/secret", "=/secret"},
        {"/secret/", "/", "=/secret"},
        {"/SECRET/", "/", "=/secret"},
        {"/secret/x", "/", "/"},
        {"/big/7", "/", "/Big/{id}"},
        {"/Big/7", "/Big/{id}", "/Big/{id}"},
        {"/end", "/", "=/end/"},
        {"/END", "/", "=/end/"},
        {"/end/", "=/end/", "=/end/"},
        {"/", "/", "/"},
        {"/adminx", "/", "/"},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(owner(table, each[0]), each[1]) << each[0];
        EXPECT_EQ(guarded(table, each[0]), each[2]) << each[0];
    }
}

TEST(guarded_table_test, letters_outside_ascii_count_too) {
    const route_table table({make_route("/"), make_route("/%C3%89cole"), make_route("/secret"), make_route("/desk")}, {}, no_case);
    EXPECT_EQ(guarded(table, "/%C3%A9cole"), "/%C3%89cole");
    EXPECT_EQ(guarded(table, "/%C5%BFecret"), "/secret");
    EXPECT_EQ(guarded(table, "/des%E2%84%AA"), "/desk");
    EXPECT_EQ(owner(table, "/%C5%BFecret"), "/");
}

TEST(guarded_table_test, without_a_guard_or_a_difference_nothing_is_looked_up_twice) {
    const route_table strict({make_route("/"), make_route("/a")});
    for (const std::string_view path : {"/A", "/a/", "/%C3%89"}) {
        EXPECT_FALSE(strict.may_be_read_otherwise(path)) << path;
    }
    const route_table table({make_route("/"), make_route("/a/{id}", true)}, {}, both);
    EXPECT_FALSE(table.may_be_read_otherwise("/a/b-7_~"));
    EXPECT_FALSE(table.may_be_read_otherwise("/"));
    EXPECT_TRUE(table.may_be_read_otherwise("/a/B"));
    EXPECT_TRUE(table.may_be_read_otherwise("/a/b/"));
    EXPECT_TRUE(table.may_be_read_otherwise("/a/%C3%A9"));
    const route_table insensitive({make_route("/")}, no_case, both);
    EXPECT_FALSE(insensitive.may_be_read_otherwise("/A")) << "case is the table's own rule here";
    EXPECT_TRUE(insensitive.may_be_read_otherwise("/A/"));
    EXPECT_TRUE(route_table({make_route("/A")}, {}, no_case).may_be_read_otherwise("/a")) << "the route is in upper case";
    EXPECT_TRUE(route_table({make_route("/a/", true)}, {}, no_slash).may_be_read_otherwise("/a")) << "the route ends with a slash";
}

TEST(guarded_table_test, as_the_tables_own_rule_captures_stay_as_they_came) {
    const route_table table({make_route("/Tenants/{id}", true), make_route("/tenants", false)}, both);
    const route_match match = table.find("/TENANTS/AbC/", "h", "GET", 0);
    ASSERT_EQ(name_of(match), "=/Tenants/{id}");
    EXPECT_EQ(route_table::captures(*match.matched, "/TENANTS/AbC/").at(0).value, "AbC");
    EXPECT_EQ(owner(table, "/tenants/a/b"), "/tenants");
}

TEST(guarded_table_test, routes_that_become_equal_are_conflicts) {
    const std::vector<route> routes{make_route("/Admin"), make_route("/admin"), make_route("/x", true), make_route("/x/", true),
                                    make_route("/x"),     make_route("/{a}/Y"), make_route("/{b}/y")};
    EXPECT_THAT(route_table(routes).conflicts(), IsEmpty());
    EXPECT_THAT(route_table(routes, both).conflicts(), ElementsAre(Pair(0, 1), Pair(2, 3), Pair(5, 6)));
    const route_table table(routes, no_case, both);
    EXPECT_THAT(table.conflicts(), ElementsAre(Pair(0, 1), Pair(5, 6)));
    EXPECT_THAT(table.guarded_conflicts(), ElementsAre(Pair(2, 3)));
    EXPECT_THAT(route_table({make_route("/A", false, {"GET"}), make_route("/a", false, {"POST"})}, {}, both).guarded_conflicts(),
                IsEmpty());
}

TEST(guarded_table_test, lists_are_in_the_order_in_which_paths_win) {
    const std::vector<route> routes{make_route("/Admin"), make_route("/admin/x"), make_route("/admin/", true)};
    std::vector<std::string> names;
    for (const route* each : sort_by_specificity(routes, both)) {
        names.push_back(each->name);
    }
    EXPECT_THAT(names, ElementsAre("/admin/x", "=/admin/", "/Admin"));
}

// --- the naive reading ------------------------------------------------------------

std::vector<std::string> naive_split(std::string text, path_comparison compared) {
    if (compared.ignore_final_slash && text.size() > 1 && text.back() == '/') {
        text.pop_back();
    }
    std::vector<std::string> parts;
    for (std::size_t at = 1; text.size() > 1 && at <= text.size();) {
        const std::size_t end = std::min(text.find('/', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

bool naive_equal(std::string left, std::string right, path_comparison compared) {
    if (compared.ignore_case) {
        for (std::string* each : {&left, &right}) {
            std::ranges::transform(*each, each->begin(),
                                   [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; });
        }
    }
    return left == right;
}

bool naive_fits(const route& candidate, const std::vector<std::string>& path, path_comparison compared) {
    auto pattern = naive_split(candidate.pattern, compared);
    if (!candidate.exact && !pattern.empty() && pattern.back().empty()) {
        pattern.pop_back();
    }
    if (path.size() < pattern.size() || (candidate.exact && path.size() != pattern.size())) {
        return false;
    }
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const bool fits = pattern[at].starts_with('{') ? !path[at].empty() : naive_equal(pattern[at], path[at], compared);
        if (!fits) {
            return false;
        }
    }
    return true;
}

/// Of the routes that fit the most specific one's name.
std::string naive_owner(const std::vector<route>& routes, const std::string& path, path_comparison compared) {
    const route* best = nullptr;
    for (const route& each : routes) {
        if (naive_fits(each, naive_split(path, compared), compared) && (best == nullptr || more_specific(each, *best, compared))) {
            best = &each;
        }
    }
    return best == nullptr ? "404" : best->name;
}

TEST(guarded_table_test, table_and_naive_reading_agree) {
    std::mt19937 random(20'261'126);
    const auto pick = [&random](std::initializer_list<const char*> from) {
        return std::string(*(from.begin() + std::uniform_int_distribution<std::ptrdiff_t>(0, std::ssize(from) - 1)(random)));
    };
    const auto make_path = [&](std::initializer_list<const char*> segments, int number) {
        std::string path;
        const int length = std::uniform_int_distribution<int>(0, 3)(random);
        for (int at = 0; at < length; ++at) {
            path += '/' + pick(segments);
            path += path.ends_with("{x") ? std::to_string(number) + std::to_string(at) + '}' : "";
        }
        return path + pick({"", "", "/"});
    };
    std::size_t differed = 0;
    for (int round = 0; round < 4000; ++round) {
        const path_comparison compared{.ignore_case = round % 4 == 1, .ignore_final_slash = round % 4 == 2};
        std::vector<route> routes;
        for (int index = 0; index < 8; ++index) {
            const std::string pattern = make_path({"a", "A", "b", "Bc", "{x"}, index);
            routes.push_back(make_route(pattern.empty() ? "/" : pattern, index % 2 == 0));
            routes.back().name += '#' + std::to_string(index);
        }
        const route_table table(routes, compared, both);
        if (!table.conflicts().empty() || !table.guarded_conflicts().empty()) {
            continue;
        }
        for (int each = 0; each < 60; ++each) {
            const std::string made = make_path({"a", "A", "b", "B", "bC", "BC", "c"}, 0);
            const std::string path = made.empty() ? "/" : made;
            ASSERT_EQ(owner(table, path), naive_owner(routes, path, compared)) << path << " in round " << round;
            ASSERT_EQ(guarded(table, path), naive_owner(routes, path, both)) << path << " in round " << round;
            differed += owner(table, path) != guarded(table, path) ? 1 : 0;
        }
    }
    EXPECT_GT(differed, 300U);
}

} // namespace
} // namespace bearward::policies::rules

// Every claim can be named, by one reader; what is no path of ours is refused.
#include "policies/tokens/claim_path.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

/// The claim as JSON text; or "absent", or "unreadable".
std::string find(std::string_view claims, const claim_path& path) {
    const json::object object = json::parse(claims).as_object();
    const auto [found, readable] = look_up(object, path);
    EXPECT_EQ(found, find_claim(object, path));
    return !readable ? "unreadable" : found == nullptr ? "absent" : json::serialize(*found);
}

std::string find(std::string_view claims, std::string_view path) {
    return find(claims, claim_path::parse(path).value());
}

TEST(claim_path_test, walks_objects_and_picks_elements) {
    constexpr std::string_view claims = R"({"a":{"b":{"c":1}},"x":[{"b":1},["y",2]],"s":"t","n":null,"7":"seven"})";
    EXPECT_EQ(find(claims, "a.b.c"), "1");
    EXPECT_EQ(find(claims, "x.0.b"), "1");
    EXPECT_EQ(find(claims, "x.1.0"), "\"y\"");
    EXPECT_EQ(find(claims, "7"), "\"seven\"");
    for (const char* absent : {"a.c", "a.c.d", "x.2", "x.2.b", "n", "n.b", "x.99999999999999999999"}) {
        EXPECT_EQ(find(claims, absent), "absent") << absent;
    }
    EXPECT_EQ(find(claims, claim_path{}), "absent");
}

TEST(claim_path_test, what_the_path_cannot_go_through_is_not_absent) {
    constexpr std::string_view claims = R"({"x":[{"b":1},["y",2]],"s":"t","i":7,"f":false,"o":{"s":"t"},"e":"","l":[],"m":{}})";
    for (const char* unreadable :
         {"x.b", "x.00", "x.01", "x.-1", "x.+1", "x.1a", "x.1.0.0", "x.1.y", "s.t", "s.0", "i.a", "f.a", "o.s.t", "o.s.t.u"}) {
        EXPECT_EQ(find(claims, unreadable), "unreadable") << unreadable;
    }
    EXPECT_EQ(find(claims, claim_path::exact({"x", "b"})), "unreadable");
    for (const char* below_nothing : {"e.a", "l.a", "m.a", "l.0.a"}) {
        EXPECT_EQ(find(claims, below_nothing), "absent") << below_nothing;
    }
}

TEST(claim_path_test, the_longest_name_that_fits_counts_at_each_step) {
    EXPECT_EQ(find(R"({"kubernetes.io":{"namespace":"ci"}})", "kubernetes.io.namespace"), "\"ci\"");
    EXPECT_EQ(find(R"({"https://x.example/claims":{"role":"r"}})", "https://x.example/claims.role"), "\"r\"");
    EXPECT_EQ(find(R"({"resource_access":{"com.example.api":{"roles":[1]}}})", "resource_access.com.example.api.roles"), "[1]");
    EXPECT_EQ(find(R"({"a.b":1,"a":{"b":2}})", "a.b"), "1");
    EXPECT_EQ(find(R"({"a":{"b.c":1,"b":{"c":2}}})", "a.b.c"), "1");
    EXPECT_EQ(find(R"({"a.b":{"x":1},"a":{"b.c":2}})", "a.b.c"), "absent") << "without going back";
    EXPECT_EQ(find(R"({"a.b":null,"a":{"b":2}})", "a.b"), "2") << "null is absent";
    EXPECT_EQ(find(R"({"urn:zitadel:iam:org:project:roles":{"admin":{}}})", "urn:zitadel:iam:org:project:roles"), R"({"admin":{}})");
}

TEST(claim_path_test, an_exact_path_names_each_step) {
    constexpr std::string_view claims = R"({"a.b":{"c":1},"a":{"b.c":2,"b":{"c":3}},"x":[4],"a[0]":5,"*":6})";
    EXPECT_EQ(find(claims, claim_path::exact({"a", "b.c"})), "2");
    EXPECT_EQ(find(claims, claim_path::exact({"a", "b", "c"})), "3");
    EXPECT_EQ(find(claims, claim_path::exact({"a.b", "c"})), "1");
    EXPECT_EQ(find(claims, claim_path::exact({"a.b.c"})), "absent");
    EXPECT_EQ(find(claims, claim_path::exact({"x", "0"})), "4");
    EXPECT_EQ(find(claims, claim_path::exact({"a[0]"})), "5");
    EXPECT_EQ(find(claims, claim_path::exact({"*"})), "6");
    EXPECT_EQ(claim_path::exact({"a", "b.c"}).text(), "[a, b.c]");
    EXPECT_NE(claim_path::exact({"a", "b"}), (claim_path{"a", "b"}));
}

TEST(claim_path_test, the_syntax_of_other_products_is_refused_with_ours) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"$.sub", "a.b instead of $.a.b"},
        {"$", "JSONPath"},
        {"/realm/roles", "JSON Pointer"},
        {"#/a", "JSON Pointer"},
        {"groups[0]", "groups.0"},
        {"roles[*].name", "each"},
        {"roles[].name", "each"},
        {"['a']", "path"},
        {R"(a\.b)", "path: [a, b.c]"},
        {"a.*", "keys: true"},
        {"{tid}", "braces"},
        {"\"a.b\".c", "path: [a, b.c]"},
        {"a.'b.c'", "path: [a, b.c]"},
        {"groups#0", "groups.0 instead of groups#0"},
        {"groups.#.name", "each"},
        {"#x", "a #"},
        {"groups->0", "a.b instead of a->b"},
        {"groups->>'x'", "arrow"},
        {"@x", "an @"},
        {"groups.@reverse", "an @"},
        {" sub", "blank"},
        {"sub ", "blank"},
        {"sub\t", "blank"},
        {"a, b", "[a, b]"},
        {"a,b", "comma"},
        {"", "empty name"},
        {".a", "empty name"},
        {"a.", "empty name"},
        {"a..b", "empty name"},
    };
    for (const auto& [written, said] : cases) {
        const auto parsed = claim_path::parse(written, true);
        ASSERT_FALSE(parsed.has_value()) << written;
        EXPECT_THAT(parsed.error(), HasSubstr(said)) << written;
        const auto plain = claim_path::parse(written);
        ASSERT_FALSE(plain.has_value()) << written;
        for (const char* form : {"{path:", "each:", "keys:", "[a, b]"}) {
            EXPECT_EQ(plain.error().find(form), std::string::npos) << "only a path is accepted there: " << plain.error();
        }
    }
    for (const char* good : {"sub", "https://example.com/roles", "a-b_c:d", "cognito:groups", "x/y", "it's", "a#b",
                             "https://example.com/ns#roles", "user@example", "given name"}) {
        EXPECT_TRUE(claim_path::parse(good).has_value()) << good;
    }
}

/// The rule in its plainest form: join, look, descend.
const json::value* naive_find(const json::value& at, std::vector<std::string> steps) {
    if (steps.empty()) {
        return at.is_null() ? nullptr : &at;
    }
    if (at.is_array()) {
        for (std::size_t index = 0; index < at.get_array().size(); ++index) {
            if (steps.front() == std::to_string(index)) {
                steps.erase(steps.begin());
                return naive_find(at.get_array()[index], std::move(steps));
            }
        }
        return nullptr;
    }
    for (std::size_t taken = steps.size(); taken > 0 && at.is_object(); --taken) {
        std::string name = steps.front();
        for (std::size_t index = 1; index < taken; ++index) {
            name += "." + steps[index];
        }
        const json::value* const member = at.get_object().if_contains(name);
        if (member != nullptr && !member->is_null()) {
            return naive_find(*member, {steps.begin() + static_cast<std::ptrdiff_t>(taken), steps.end()});
        }
    }
    return nullptr;
}

class random_claims {
public:
    explicit random_claims(unsigned seed) : random_(seed) {}

    int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
    std::string step() { return std::vector<std::string>{"a", "b", "0", "1"}[static_cast<std::size_t>(below(4))]; }
    std::vector<std::string> steps() {
        std::vector<std::string> made;
        do {
            made.push_back(step());
        } while (below(3) != 0 && made.size() < 5);
        return made;
    }
    static std::string join(const std::vector<std::string>& steps) {
        std::string joined;
        for (const std::string& each : steps) {
            joined += (joined.empty() ? "" : ".") + each;
        }
        return joined;
    }
    json::value value(int depth) {
        const int kind = depth == 0 ? 3 : below(4);
        if (kind == 0) {
            json::array made;
            for (int left = below(3); left > 0; --left) {
                made.push_back(value(depth - 1));
            }
            return made;
        }
        return kind < 3 ? json::value(object(depth - 1)) : below(5) == 0 ? json::value(nullptr) : json::value(below(100));
    }
    json::object object(int depth) {
        json::object made;
        for (int left = below(5); left > 0; --left) {
            made[join(steps())] = value(depth);
        }
        return made;
    }

private:
    std::mt19937 random_;
};

TEST(claim_path_property_test, a_path_leads_where_its_naive_reading_does) {
    random_claims random(7);
    int found = 0;
    for (int round = 0; round < 50'000; ++round) {
        const json::object claims = random.object(3);
        const auto steps = random.steps();
        const auto* const got = find_claim(claims, claim_path::parse(random_claims::join(steps)).value());
        const json::value whole(claims);
        const auto* const expected = naive_find(whole, steps);
        ASSERT_EQ(got == nullptr, expected == nullptr) << json::serialize(claims) << " " << random_claims::join(steps);
        if (got != nullptr) {
            ++found;
            ASSERT_EQ(*got, *expected) << json::serialize(claims) << " " << random_claims::join(steps);
        }
    }
    EXPECT_GT(found, 1000);
}

} // namespace
} // namespace bearward::policies::tokens

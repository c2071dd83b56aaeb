// Decisions without an observer put nothing into words: what serving asks for
// allocates no memory for it. Counts the allocations of this thread.
#include "policies/decide.hpp"
#include "policies/explanation.hpp"
#include "policies/rules/requirement_check.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace {
thread_local std::size_t allocations = 0;

void* allocate(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}
} // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace bearward::policies {
namespace {

using namespace std::chrono_literals;

template <class Work>
std::size_t allocations_of(const Work& work) {
    const std::size_t before = allocations;
    work();
    return allocations - before;
}

/// Stands for a token cache: it has the token already.
class known_token final : public outside {
public:
    known_token() : outside(time_point{1'700'000'000s}) {}
    verification verify(const provider& /*by*/, std::string_view /*token*/) override { return token; }
    tokens::verified_token_ptr token;
};

class observer_cost : public ::testing::Test {
protected:
    observer_cost() {
        rules.providers.emplace_back().rules.provider = "main";
        rules::route route;
        route.name = route.pattern = "/";
        route.providers = {0};
        route.credential_names = {requests::credential_names{}};
        route.require.roles = {"a role that is longer than a short string"};
        route.require.any = {route.require};
        rules.routes = rules::route_table({route});
        auto made = std::make_shared<tokens::verified_token>();
        made->who.roles = route.require.roles;
        made->expires = now + 60s;
        source.token = std::move(made);
        request.method = "GET";
        request.host = "example.com";
        request.path = {.path = "/widgets/of/a/longer/path"};
        request.headers = headers;
    }

    reason run(explanation* observer) {
        const decision made = decide(request, rules, source, on_need::tell, scratch, observer);
        const auto* leave = std::get_if<permit>(&made);
        return leave == nullptr ? std::get<denial>(made).why : leave->why();
    }

    static constexpr time_point now{1'700'000'000s};
    std::vector<requests::header> headers{{"Authorization", "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}};
    snapshot rules;
    known_token source;
    requests::request_view request;
    requests::credential_scratch scratch;
};

TEST_F(observer_cost, a_permit_without_observer_allocates_nothing) {
    reason verdict{};
    run(nullptr); // buffers that are kept grow once
    EXPECT_EQ(allocations_of([&] { verdict = run(nullptr); }), 0U);
    EXPECT_EQ(verdict, reason::ok);
    explanation told;
    EXPECT_GT(allocations_of([&] { verdict = run(&told); }), 0U) << "the count counts";
    EXPECT_EQ(verdict, reason::ok);
}

TEST_F(observer_cost, a_second_reading_of_the_path_allocates_nothing) {
    rules::route other = rules.routes.routes().front();
    other.name = other.pattern = "/Widgets-with-a-name-longer-than-a-short-string";
    other.segments = {{.text = other.pattern.substr(1)}};
    rules.routes = rules::route_table({rules.routes.routes().front(), other}, {}, {.ignore_case = true, .ignore_final_slash = true});
    for (const std::string_view path : {"/widgets", "/WIDGETS/Of/A/Longer/Path/", "/WIDGETS-with-a-name-longer-than-a-short-strinG/"}) {
        request.path = {.path = path};
        reason verdict{};
        run(nullptr);
        const std::size_t spent = allocations_of([&] { verdict = run(nullptr); });
        EXPECT_EQ(verdict, reason::ok);
        EXPECT_LE(spent, path.ends_with("strinG/") ? 3U : 0U) << path << ": only another route costs anything";
    }
}

TEST_F(observer_cost, a_refused_requirement_without_observer_costs_its_cause_alone) {
    auto made = std::make_shared<tokens::verified_token>(*source.token);
    made->who.roles.clear();
    source.token = std::move(made);
    reason verdict{};
    const rules::requirement& required = rules.routes.routes().front().require;
    const std::vector<rules::capture> captures;
    const rules::operand_values values(captures);
    EXPECT_EQ(allocations_of([&] { verdict = rules::check_requirement(required, source.token->who, values).why; }), 0U);
    EXPECT_EQ(verdict, reason::role_missing);
    run(nullptr);
    EXPECT_LE(allocations_of([&] { verdict = run(nullptr); }), 16U);
    EXPECT_EQ(verdict, reason::role_missing);
}

TEST_F(observer_cost, operands_of_one_part_and_patterns_allocate_nothing) {
    rules::route route = rules.routes.routes().front();
    route.require = {};
    route.require.tenant = rules::operand::parse("{header.X-Organisation}").value();
    route.require.claims = {{.path = {"email"}, .pattern = "*@example-with-a-long-name.com"},
                            {.path = {"groups"}, .operands = {rules::operand::parse("{query.organisation}").value()}}};
    rules.routes = rules::route_table({route});
    auto made = std::make_shared<tokens::verified_token>(*source.token);
    made->who.tenant = "an organisation with a long name";
    made->who.claims["email"] = "ada@example-with-a-long-name.com";
    made->who.claims["groups"] = boost::json::array{"another group with a long name", "a-group-with-a-long-name"};
    source.token = std::move(made);
    headers.push_back({"X-Organisation", "an organisation with a long name"});
    request.headers = headers;
    request.query = "organisation=a-group-with-a-long-name";
    reason verdict{};
    run(nullptr);
    EXPECT_EQ(allocations_of([&] { verdict = run(nullptr); }), 0U);
    EXPECT_EQ(verdict, reason::ok);
}

} // namespace
} // namespace bearward::policies

// Patterns of other products in a route's path: refused with what to write instead,
// taken as they stand where the route says so.
#include "policies/rules/foreign_patterns.hpp"
#include "policies/rules/route_table.hpp"

#include <gmock/gmock.h>

#include <string_view>
#include <utility>

namespace bearward::policies::rules {
namespace {

using ::testing::HasSubstr;

TEST(foreign_patterns_test, each_is_refused_with_what_to_write_instead) {
    constexpr std::string_view unsaid = "end a prefix before the segment that varies";
    const std::pair<std::string_view, std::string_view> cases[] = {
        // globs
        {"/admin/*", "write prefix: /admin,"},
        {"/admin/**", "write prefix: /admin,"},
        {"/*", "write prefix: /,"},
        {"/tenants/*/widgets", "write /tenants/{name}/widgets,"},
        {"/*/*/x", "write /{name}/{name2}/x,"},
        {"/a/*/b/*", "write prefix: /a/{name}/b,"},
        {"/a*b", unsaid},
        {"/*.php", unsaid},
        {"/static/*.js", unsaid},
        // Express, Rails, httprouter, path-to-regexp
        {"/admin/:id", "write /admin/{id},"},
        {"/users/:userId/posts/:postId", "write /users/{userId}/posts/{postId},"},
        {"/admin/:id(\\d+)", "write /admin/{id}"},
        {"/files/:path*", "write prefix: /files,"},
        {"/files/*path", "write prefix: /files,"},
        {"/:", "write /{name},"},
        // Flask, Django, Bottle
        {"/users/<id>", "write /users/{id},"},
        {"/users/<int:id>", "write /users/{id},"},
        {"/files/<path:rest>", "write prefix: /files,"},
        // Remix, TanStack
        {"/posts/$slug", "write /posts/{slug},"},
        {"/posts/$", "write prefix: /posts,"},
        // Spring, JAX-RS, ASP.NET, Starlette, chi, Go
        {"/users/{id:int}", "write /users/{id},"},
        {"/users/{id:[0-9]+}", "write /users/{id},"},
        {"/files/{rest:path}", "write prefix: /files,"},
        {"/files/{*rest}", "write prefix: /files,"},
        {"/files/{rest...}", "write prefix: /files,"},
        // Next.js
        {"/posts/[slug]", "write /posts/{slug},"},
        {"/docs/[...slug]", "write prefix: /docs,"},
        {"/docs/[[...slug]]", "write prefix: /docs,"},
        {"/(group)/x", "write /{group}/x,"},
        // regular expressions
        {"/admin/[^/]+", "write /admin/{name},"},
        {"/admin/.*", "write prefix: /admin,"},
        {"/admin/.+", "write prefix: /admin,"},
        {"^/admin/.+$", "write prefix: /admin,"},
        {"/admin/.+/x", "write /admin/{name}/x,"},
        {"/admin/x.+", unsaid},
        {"/.+/.+", "write prefix: /,"},
        {"/[a-z]+", "write"},
        {"/(a)+", "write"},
        {"/admin(/.*)?", unsaid},
        {"^/admin/.*$", "write prefix: /admin,"},
        {"^/admin", "write /admin,"},
        {"~ ^/admin", "write /admin,"},
        {"/admin$", "write /admin,"},
        {"/users/(?P<id>\\d+)/x", "write /users/{id}/x"},
        {"/(a|b)", "write"},
        {"/a|/b", unsaid},
        {"/a^b", unsaid},
        {"/a\\b", unsaid},
    };
    for (const auto& [pattern, sentence] : cases) {
        const auto parsed = parse_pattern(pattern);
        ASSERT_FALSE(parsed) << pattern;
        EXPECT_THAT(parsed.error(), HasSubstr(sentence)) << pattern;
        EXPECT_THAT(parsed.error(), HasSubstr("{name} for a whole segment is the only pattern")) << pattern;
    }
}

/// What the message says to write is a path that is accepted.
TEST(foreign_patterns_test, what_is_said_to_be_written_can_be_written) {
    for (const std::string_view pattern :
         {"/admin/*", "/tenants/*/widgets", "/users/:a/:b", "/x/<int:id>", "/x/{id:[0-9]+}/y", "/x/[id]"}) {
        const std::string sentence = explain_foreign_pattern(pattern).value();
        const std::size_t start = sentence.find('/', sentence.find("write "));
        EXPECT_TRUE(parse_pattern(std::string_view(sentence).substr(start, sentence.find_first_of(",", start) - start))) << sentence;
    }
}

TEST(foreign_patterns_test, ordinary_paths_are_left_alone) {
    for (const std::string_view pattern :
         {"/", "/a/{id}/b", "/v1/things:verb", "/a$b", "/@scope/name", "/~user", "/a.b,c;v", "/c++", "/a+b"}) {
        EXPECT_FALSE(explain_foreign_pattern(pattern)) << pattern;
    }
    EXPECT_TRUE(parse_pattern("/v1/things:verb"));
    EXPECT_TRUE(parse_pattern("/a%2Ab")) << "an escape is the character and nothing else";
}

TEST(foreign_patterns_test, literal_takes_them_as_they_stand_and_keeps_captures) {
    for (const std::string_view pattern : {"/a*b", "/:id", "/$metadata", "/<x>", "/{x:y}", "/(group)", "/[id]", "/a^b", "/a|b"}) {
        const auto parsed = parse_pattern(pattern, true);
        ASSERT_TRUE(parsed) << pattern << ": " << parsed.error();
        ASSERT_EQ(parsed->size(), 1U);
        EXPECT_FALSE(parsed->front().is_capture);
        EXPECT_EQ(parsed->front().text, pattern.substr(1));
    }
    const auto mixed = parse_pattern("/$metadata/{name}", true);
    ASSERT_TRUE(mixed);
    EXPECT_FALSE(mixed->front().is_capture);
    EXPECT_TRUE(mixed->back().is_capture);
    EXPECT_FALSE(parse_pattern("/a\\b", true)) << "no request could have it";
    EXPECT_FALSE(parse_pattern("/x{a}", true)) << "half a capture";
}

TEST(foreign_patterns_test, a_literal_route_matches_its_own_characters_alone) {
    route made;
    made.name = made.pattern = "/a*b";
    made.segments = parse_pattern("/a*b", true).value();
    const route_table table({made});
    EXPECT_NE(table.find("/a*b", "h", "GET", 0).matched, nullptr);
    EXPECT_NE(table.find("/a%2Ab", "h", "GET", 0).matched, nullptr);
    EXPECT_EQ(table.find("/axb", "h", "GET", 0).matched, nullptr);
}

} // namespace
} // namespace bearward::policies::rules

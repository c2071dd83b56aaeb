// Regular expressions that mean a path or the beginning of one, and no others.
#include "proxy/commands/import/path_pattern.hpp"

#include <gmock/gmock.h>

namespace bearward::proxy::commands::importing {
namespace {

using kind = path_pattern::kind;

std::string shown(const char* expression, regex_use use = regex_use::search) {
    std::string out;
    const understood_regex meant = understand_regex(expression, use);
    for (const path_pattern& each : meant.patterns) {
        const char* const names[] = {"=", "^", "/", "?"};
        out += (out.empty() ? "" : " ") + std::string(names[static_cast<int>(each.type)]) + each.text;
    }
    return out + (meant.narrowed ? " narrowed" : "");
}

TEST(understand_regex, paths_and_beginnings) {
    EXPECT_EQ(shown("^/health$"), "=/health");
    EXPECT_EQ(shown("^/static/"), "^/static/");
    EXPECT_EQ(shown("^/static/.*$"), "^/static/");
    EXPECT_EQ(shown("^/a(/.*)?$"), "//a");
    EXPECT_EQ(shown("^/a(/|$)"), "//a");
    EXPECT_EQ(shown("^/a/?$"), "=/a =/a/");
    EXPECT_EQ(shown(R"(^/robots\.txt$)"), "=/robots.txt");
    EXPECT_EQ(shown("^/(a|b)$"), "=/a =/b");
    EXPECT_EQ(shown("^/(?:a|b)/"), "^/a/ ^/b/");
    EXPECT_EQ(shown("/a", regex_use::whole), "=/a");
    EXPECT_EQ(shown("/a/.*", regex_use::whole), "^/a/");
    EXPECT_EQ(shown("^/a.txt$"), "=/a.txt narrowed");
}

TEST(understand_regex, of_others_the_beginning_that_all_have) {
    EXPECT_EQ(shown("/a"), "?");
    EXPECT_EQ(shown("^/a|^/b"), "?");
    EXPECT_EQ(shown(R"(^/a/\d+$)"), "?/a/");
    EXPECT_EQ(shown("^/ab?$"), "?/a");
    EXPECT_EQ(shown("^/ab*"), "?/a");
    EXPECT_EQ(shown("^/ab{0}"), "?/a");
    EXPECT_EQ(shown("^/a.b/[x]$"), "?/a");
    EXPECT_EQ(shown("^/(a|b)/[x]"), "?/");
    EXPECT_EQ(shown("^/(a"), "?"); // of one that can't be read nothing is known
    EXPECT_EQ(shown("^(/a)?/b$"), "?");
    EXPECT_EQ(shown("(?i)^/a$"), "?");
    EXPECT_EQ(shown("^"), "?");
    EXPECT_EQ(shown(""), "?");
}

TEST(matches, an_unknown_pattern_may_fit_what_has_its_beginning_and_what_leads_there) {
    const path_pattern files{kind::unknown, "/files/a"};
    EXPECT_EQ(matches(files, {"/files/abc", false}), fit::maybe);
    EXPECT_EQ(matches(files, {"/files/b", false}), fit::no);
    EXPECT_EQ(matches(files, {"/files/\x01", true}), fit::maybe);
    EXPECT_EQ(matches(files, {"/\x01", true}), fit::no) << "it is below /files, which has a place of its own";
    EXPECT_EQ(matches({kind::unknown, ""}, {"/\x01", true}), fit::maybe);
}

TEST(matches, a_prefix_of_text_goes_on_within_a_segment) {
    EXPECT_EQ(matches({kind::prefix, "/api"}, {"/apix", false}), fit::yes);
    EXPECT_EQ(matches({kind::segments, "/api"}, {"/apix", false}), fit::no);
    EXPECT_EQ(matches({kind::segments, "/api"}, {"/api\x01", true}), fit::no);
    EXPECT_EQ(matches({kind::segments, "/api"}, {"/api/x", false}), fit::yes);
    EXPECT_EQ(matches({kind::exact, "/api"}, {"/api", false}), fit::yes);
}

TEST(is_plain_path, refuses_what_is_a_pattern_or_not_canonical) {
    for (const char* bad :
         {"", "x", "/{x}", "/*", "/a//b", "/a/../b", "/.", "/a%20b", "/a b", "/a?b", "/a#b", "/:x", "/a\"b", "/\xC3\xA4", "/.bearward/x"}) {
        EXPECT_FALSE(is_plain_path(bad)) << bad;
    }
    for (const char* good : {"/", "/a", "/a/", "/a.b-c_d~e", "/@x"}) {
        EXPECT_TRUE(is_plain_path(good)) << good;
    }
}

} // namespace
} // namespace bearward::proxy::commands::importing

#include "proxy/admin_page/page.hpp"

#include "proxy/admin_page/html.hpp"
#include "proxy/admin_page/json_cell.hpp"
#include "proxy/admin_page/style.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace bearward::proxy::admin_page {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string hostile = "</td><script>alert(1)</script><img src=x onerror='a'>\" onfocus=\"b\"&amp;";
const std::string harmless =
    "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&quot; onfocus=&quot;b&quot;&amp;amp;";

std::string escaped(std::string_view text) {
    std::string out;
    append_escaped(out, text);
    return out;
}

std::size_t count(std::string_view in, std::string_view what) {
    std::size_t found = 0;
    for (auto at = in.find(what); at != std::string_view::npos; at = in.find(what, at + what.size())) {
        ++found;
    }
    return found;
}

/// The names of all tags, and of all attributes, as a browser would find them in text that is escaped.
std::set<std::string> words_of_markup(std::string_view page) {
    std::set<std::string> words;
    for (auto at = page.find('<'); at != std::string_view::npos; at = page.find('<', at + 1)) {
        const auto end = page.find('>', at);
        std::string_view tag = page.substr(at + 1, end - at - 1);
        bool quoted = false;
        std::string word;
        for (const char c : std::string(tag) + ' ') {
            quoted = quoted != (c == '"');
            if (!quoted && (c == ' ' || c == '=')) {
                words.insert(word);
                word.clear();
            } else if (!quoted && c != '"') {
                word += c;
            }
        }
    }
    return words;
}

/// Everything that is shown is this text.
page_facts all_of(const std::string& text) {
    page_facts facts;
    facts.status = boost::json::object{
        {"version", text},
        {"started", 1'800'000'000},
        {"workers", text},
        {"listeners", boost::json::array{boost::json::object{{"name", text}, {"address", text}}}},
        {"configuration", boost::json::object{{"hash", text}, {"loaded", text}, {"current", false}}},
        {"last_reload", boost::json::object{{"result", text}, {"time", text}, {"errors", boost::json::array{boost::json::string(text)}}}},
        {"providers",
         boost::json::object{
             {text, boost::json::object{{"keys", text},
                                        {"age_seconds", 90'061},
                                        {"next_refresh_seconds", nullptr},
                                        {"last_error", text},
                                        {"skipped", boost::json::array{boost::json::object{{"kid", text}, {"reason", text}}}}}}}},
        {"upstreams",
         boost::json::object{{text, boost::json::object{{"servers", boost::json::array{boost::json::object{
                                                                        {"address", text}, {"healthy", false}, {"last_error", text}}}}}}}},
    };
    facts.routes = {{text, text, text, text, text, text, {{.reason = "ok", .mode = "enforce", .count = 3}}}};
    facts.sockets = socket_facts{
        .some =
            {{.kind = guarded_kind::websocket, .provider = text, .user = text, .tenant = text, .route = text, .since = {}, .until = {}}},
        .total = 7};
    facts.explains = true;
    config::test_settings asked;
    asked.request = {.method = text, .path = text, .host = text, .websocket = true, .headers = {}, .listener = {}};
    config::test_identity who;
    who.provider.value = text;
    who.user = text;
    who.tenants = {text};
    who.roles = {text};
    who.scopes = {text};
    asked.identity = who;
    facts.asked = asked;
    facts.told = answer{.permitted = true, .reason = text, .steps = text};
    return facts;
}

TEST(html, text_stays_text) {
    EXPECT_EQ(escaped(hostile), harmless);
    EXPECT_EQ(escaped("a\nb\tc \u00e9 \u20ac"), "a\nb\tc \u00e9 \u20ac");
}

TEST(html, what_is_no_character_or_turns_the_direction_of_writing_is_replaced) {
    const std::string mark = "\xEF\xBF\xBD";
    for (const std::string& bad : {std::string("\0", 1), std::string("\x1b"), std::string("\r"), std::string("\x7f"), std::string("\xff"),
                                   std::string("\xc2\x9b"), std::string("\u202e"), std::string("\u2066"), std::string("\u2028")}) {
        EXPECT_EQ(escaped("a" + bad + "b"), "a" + mark + "b");
    }
    EXPECT_EQ(escaped("\xc3<"), mark + "&lt;");
    EXPECT_EQ(escaped("\xe2\x82\""), mark + mark + "&quot;");
}

TEST(page, hostile_names_add_no_markup) {
    const std::string page = make_page(all_of(hostile));
    EXPECT_EQ(words_of_markup(page), words_of_markup(make_page(all_of("plain"))));
    EXPECT_EQ(count(page, "<"), count(make_page(all_of("plain")), "<"));
    EXPECT_THAT(page, Not(HasSubstr(hostile)));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_EQ(count(page, harmless), count(make_page(all_of("Xyzzy")), "Xyzzy"));
}

TEST(page, needs_nothing_from_elsewhere_and_has_no_script) {
    const std::string page = make_page(all_of("plain"));
    for (const auto* what :
         {"<script", "<link", "<img", "<iframe", "http:", "https:", "//", "url(", "@import", " onload", " onerror", " style="}) {
        EXPECT_EQ(count(page.substr(page.find("</style>")), what), 0U) << what;
    }
    EXPECT_THAT(std::string(style().text()), Not(HasSubstr("url(")));
    EXPECT_THAT(std::string(style().text()), Not(HasSubstr("</")));
    EXPECT_THAT(content_security_policy(), testing::StartsWith("default-src 'none'; style-src 'sha256-"));
    EXPECT_THAT(content_security_policy(), HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(content_security_policy(), Not(HasSubstr("unsafe")));
}

TEST(page, shows_what_an_operator_looks_for) {
    auto facts = all_of("plain");
    facts.routes.front().decisions.push_back({.reason = "role_missing", .mode = "observe", .count = 2});
    const std::string page = make_page(facts);
    for (const auto* what : {"ok 3, role_missing 2 (observe)", "1 d 1 h", "<span class=\"bad\">unhealthy</span>", "2027-01-15T08:00:00Z",
                             "the files say something else by now", "7 are open", "<p id=\"answer\" class=\"good\">permit: plain</p>",
                             "<option value=\"plain\" selected>plain</option>"}) {
        EXPECT_THAT(page, HasSubstr(what));
    }
}

TEST(page, is_whole_where_little_is_known) {
    const std::string page = make_page({});
    EXPECT_THAT(page, HasSubstr("A worker did not answer."));
    EXPECT_THAT(page, HasSubstr("No reload so far."));
    EXPECT_THAT(page, Not(HasSubstr("<form")));
    EXPECT_THAT(page, testing::EndsWith("</html>\n"));
}

TEST(page, lists_a_thousand_routes_and_says_how_many_more_there_are) {
    page_facts facts;
    facts.routes.resize(most_routes + 5);
    facts.routes.back().name = "the last";
    const std::string page = make_page(facts);
    EXPECT_EQ(count(page, "<tr><td>"), most_routes);
    EXPECT_THAT(page, HasSubstr("and 5 more"));
    EXPECT_THAT(page, Not(HasSubstr("the last")));
}

TEST(page, tells_why_a_question_has_no_answer) {
    auto facts = all_of("plain");
    facts.told = std::unexpected("<why>");
    EXPECT_THAT(make_page(facts), HasSubstr("<p class=\"bad\">&lt;why&gt;</p>"));
}

TEST(json_cell, durations_have_two_units) {
    EXPECT_EQ(duration_text(0), "0 s");
    EXPECT_EQ(duration_text(61), "1 min 1 s");
    EXPECT_EQ(duration_text(3'600), "1 h");
    EXPECT_EQ(duration_text(90'061), "1 d 1 h");
    EXPECT_EQ(duration_text(86'405), "1 d");
    EXPECT_EQ(duration_text(-3), "0 s");
}

} // namespace
} // namespace bearward::proxy::admin_page

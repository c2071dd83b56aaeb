#include "proxy/demo/line_text.hpp"
#include "proxy/demo/lines.hpp"
#include "proxy/demo/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace bearward::proxy::demo;
using ::testing::HasSubstr;

const std::vector<named_token> tokens{{"READER", "", "tok-r"}, {"ADMIN", "", "tok-a"}, {"OTHER", "", "tok-o"}, {"EXPIRED", "", "tok-e"}};

line find_line(const std::string& title) {
    for (const line& what : make_lines()) {
        if (what.title == title) {
            return what;
        }
    }
    ADD_FAILURE() << "no line has the title " << title;
    return {};
}

std::vector<std::string> texts_of(const line& what) {
    std::vector<std::string> texts{what.target, what.body};
    for (const named_value& header : what.headers) {
        texts.push_back(header.name);
        texts.push_back(header.value);
    }
    return texts;
}

TEST(demo_lines, hold_nothing_that_a_shell_would_read_in_double_quotes) {
    for (const line& what : make_lines()) {
        for (const std::string& text : texts_of(what)) {
            EXPECT_EQ(text.find_first_of("\"`\\!'\r\n"), std::string::npos) << text;
            EXPECT_EQ(expand_tokens(text, tokens).find('$'), std::string::npos) << "only tokens are variables: " << text;
        }
    }
}

TEST(demo_lines, have_titles_of_their_own) {
    std::set<std::string> titles;
    for (const line& what : make_lines()) {
        EXPECT_TRUE(titles.insert(what.title).second) << what.title;
    }
}

TEST(demo_lines, always_check_more_than_the_status) {
    for (const line& what : make_lines()) {
        const expectation& expected = what.expect;
        EXPECT_TRUE(!expected.detail.empty() || !expected.app_sees.empty() || !expected.app_does_not_see.empty() ||
                    !expected.echo.empty() || expected.closed)
            << what.title;
        EXPECT_EQ(what.websocket, expected.status == 101) << what.title;
    }
}

TEST(demo_lines, become_curl_commands) {
    EXPECT_EQ(make_command(find_line("A reader")), "curl -si -H \"Authorization: Bearer $READER\" \"$URL/hello\"");
    EXPECT_EQ(make_command(find_line("A body is passed on")),
              "curl -si -H \"Authorization: Bearer $READER\" -d \"a note\" \"$URL/notes?draft=1\"");
    EXPECT_THAT(make_command(find_line("The same, in disguise")), HasSubstr(" --path-as-is "));
    EXPECT_EQ(make_command({.title = "", .method = "DELETE", .target = "/x", .expect = {}}), "curl -si -X DELETE \"$URL/x\"");
}

TEST(demo_lines, become_websocket_commands_for_the_shell_and_the_console) {
    const line subprotocol = find_line("WebSocket, the token as a subprotocol");
    EXPECT_EQ(make_command(subprotocol), "ws \"/ws\" \"Sec-WebSocket-Protocol: bearer, $READER\"");
    EXPECT_EQ(make_console_command(subprotocol), "ws(\"/ws\", [\"bearer\", READER])");
    const line query = find_line("WebSocket, the token in the query");
    EXPECT_EQ(make_command(query), "ws \"/ws?access_token=$READER\"");
    EXPECT_EQ(make_console_command(query), "ws(`/ws?access_token=${READER}`)");
    EXPECT_EQ(make_console_command(find_line("WebSocket without a token")), "ws(\"/ws\")");
}

TEST(demo_lines, say_what_to_expect) {
    EXPECT_EQ(describe(find_line("Without a token").expect), "401 Not authenticated");
    EXPECT_EQ(describe(find_line("A reader").expect),
              "200; the app sees X-User-Id: ada, X-Tenant-Id: acme, X-User-Roles: reader, no Authorization");
    EXPECT_EQ(describe(find_line("A public page needs no token").expect), "200; the app sees no X-User-Id");
    EXPECT_EQ(describe(find_line("WebSocket, the token as a subprotocol").expect),
              "101 with Sec-WebSocket-Protocol: bearer; \"hello\" comes back");
    EXPECT_EQ(describe(find_line("WebSocket without a token").expect), "101, then Close 1008 Not authenticated");
}

TEST(demo_preamble, assigns_the_variables_that_the_lines_use) {
    const std::string shell = make_shell_preamble("http://127.0.0.1:8080", tokens);
    EXPECT_THAT(shell, HasSubstr("URL=http://127.0.0.1:8080\nREADER=tok-r\nADMIN=tok-a\n"));
    const std::string console = make_console_preamble("http://127.0.0.1:8080", tokens);
    EXPECT_THAT(console, HasSubstr("const EXPIRED = \"tok-e\"\n"));
    EXPECT_THAT(console, HasSubstr("new WebSocket(\"ws://127.0.0.1:8080\" + path"));
}

TEST(expand_tokens, replaces_known_names_only) {
    EXPECT_EQ(expand_tokens("Bearer $READER.x, $ADMIN", tokens), "Bearer tok-r.x, tok-a");
    EXPECT_EQ(expand_tokens("$ $HOME $READ 5$", tokens), "$ $HOME $READ 5$");
    EXPECT_EQ(expand_tokens("", tokens), "");
}

TEST(temporary_directory, is_private_and_goes_away) {
    std::filesystem::path path;
    {
        const temporary_directory directory("bearward-test-");
        path = directory.path();
        EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
        directory.write("file", "text");
        std::ostringstream read;
        read << std::ifstream(path / "file").rdbuf();
        EXPECT_EQ(read.str(), "text");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

} // namespace

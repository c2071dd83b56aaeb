// Every line of the demo through the real proxy, in this process.
#include "proxy/demo/client.hpp"
#include "proxy/demo/line_check.hpp"
#include "proxy/demo/stage.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace {

using namespace bearward::proxy::demo;

line expand(line what, const std::vector<named_token>& tokens) {
    what.target = expand_tokens(what.target, tokens);
    for (named_value& header : what.headers) {
        header.value = expand_tokens(header.value, tokens);
    }
    return what;
}

TEST(demo, every_line_ends_as_the_table_says) {
    stage everything(0, true);
    for (const line& what : make_lines()) {
        EXPECT_EQ(check_outcome(what, ask(expand(what, everything.tokens()), everything.port())), "") << what.title;
    }
}

TEST(demo, the_tokens_make_the_difference) {
    stage everything(0, true);
    std::vector<named_token> worthless = everything.tokens();
    for (named_token& token : worthless) {
        token.value = "worthless";
    }
    for (const line& what : make_lines()) {
        const bool uses_token = expand(what, worthless).target != what.target ||
                                (!what.headers.empty() && expand(what, worthless).headers.front().value != what.headers.front().value);
        const bool passes = check_outcome(what, ask(expand(what, worthless), everything.port())).empty();
        // A damaged token is refused in the same words whatever it was.
        EXPECT_EQ(passes, !uses_token || what.expect.detail == "Could not validate credentials") << what.title;
    }
}

TEST(demo, takes_another_port_when_the_wanted_one_is_in_use) {
    const upstream app;
    EXPECT_EQ(find_free_port(app.port()), 0);
}

TEST(demo, leaves_no_directory_behind) {
    std::filesystem::path file;
    {
        const stage everything(0, true);
        file = everything.configuration_file();
        EXPECT_TRUE(std::filesystem::exists(file));
    }
    EXPECT_FALSE(std::filesystem::exists(file.parent_path()));
}

} // namespace

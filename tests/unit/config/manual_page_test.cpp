#include "config/manual_page.hpp"
#include "config/manual_text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace bearward::config {
namespace {

TEST(manual_page, is_what_the_declarations_say) {
    const std::string path = std::string(BEARWARD_SOURCE_DIR) + "/deploy/manual/bearward.yaml.5";
    const std::string made = make_manual_page();
    if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << made;
    }
    std::ifstream in(path, std::ios::binary);
    EXPECT_EQ(made, std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(manual_text, code_is_bold_and_links_are_their_text) {
    EXPECT_EQ(manual_text("see `a` and [b](#c)"), "see \\fBa\\fR and b");
    EXPECT_EQ(manual_text("`{path: [a, b.c]}` [x]"), "\\fB{path: [a, b.c]}\\fR [x]");
}

TEST(manual_text, nothing_becomes_a_request_or_an_escape) {
    EXPECT_EQ(manual_text(".so /etc/shadow"), "\\&.so /etc/shadow");
    EXPECT_EQ(manual_text("'quoted' \\x a-b"), "\\&'quoted' \\ex a\\-b");
    EXPECT_EQ(manual_lines("a\n.b\n"), ".PP\n.nf\na\n\\&.b\n.fi\n");
}

TEST(manual_text, paragraphs_and_lists) {
    EXPECT_EQ(manual_paragraphs("one\n\n* two\n"), ".PP\none\n.IP \\(bu 2\ntwo\n");
}

} // namespace
} // namespace bearward::config

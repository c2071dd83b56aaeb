#include "proxy/commands/manual_page.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace bearward::proxy::commands {
namespace {

void expect_file(const std::string& name, const std::string& made) {
    const std::string path = std::string(BEARWARD_SOURCE_DIR) + "/deploy/" + name;
    if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << made;
    }
    std::ifstream in(path, std::ios::binary);
    EXPECT_EQ(made, std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(manual_page, of_the_commands_is_what_they_declare) {
    expect_file("manual/bearward.1", make_manual_page());
}

TEST(bash_completion, is_what_the_commands_declare) {
    expect_file("completion/bearward.bash", make_bash_completion());
}

} // namespace
} // namespace bearward::proxy::commands

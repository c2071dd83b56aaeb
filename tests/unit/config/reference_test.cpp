#include "config/reference.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace bearward::config {
namespace {

TEST(reference, page_is_what_the_declarations_say) {
    const std::string path = std::string(BEARWARD_SOURCE_DIR) + "/config/REFERENCE.md";
    const std::string made = make_reference();
    if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << made;
    }
    std::ifstream in(path, std::ios::binary);
    EXPECT_EQ(made, std::string(std::istreambuf_iterator<char>(in), {}));
}

} // namespace
} // namespace bearward::config

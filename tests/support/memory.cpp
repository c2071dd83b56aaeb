#include "tests/support/memory.hpp"

#include <fstream>
#include <string>

namespace bearward::test {

std::size_t private_memory() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    std::size_t sum = 0;
    for (std::string line; std::getline(rollup, line);) {
        if (line.starts_with("Private_Dirty:")) {
            sum += std::stoul(line.substr(line.find(':') + 1)) * 1024;
        }
    }
    return sum;
}

} // namespace bearward::test

// Reads tests/golden/paths: one case a line, RAW<TAB>EXPECTED, where EXPECTED is the
// canonical path, with its readings, or the word of an error. Adding a case is adding
// a line. The files `ambiguous_allowed` and `slashes_kept` are read by other rules.
#include "policies/requests/target.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace bearward::policies::requests {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(BEARWARD_SOURCE_DIR) / "tests" / "golden" / "paths";

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> fields(1);
    for (const char byte : line) {
        if (byte == '\t') {
            fields.emplace_back();
        } else {
            fields.back() += byte;
        }
    }
    return fields;
}

void check_case(const std::string& where, const std::vector<std::string>& fields, path_rules rules) {
    path_scratch scratch;
    const auto parsed = parse_path(fields[0], rules, scratch);
    const std::string got = parsed ? std::string(parsed->path) : std::string(to_string(parsed.error()));
    EXPECT_EQ(got, fields[1]) << where << ": " << fields[0];
    if (parsed) {
        const std::vector<std::string> readings(parsed->readings.begin(), parsed->readings.end());
        EXPECT_EQ(readings, std::vector(fields.begin() + 2, fields.end())) << where << ": " << fields[0];
    }
}

int check_file(const fs::path& file) {
    const bool allow = file.filename() == "ambiguous_allowed.txt";
    const bool keep = file.filename() == "slashes_kept.txt";
    const path_rules rules{.ambiguous = allow ? ambiguous_paths::allow : ambiguous_paths::reject, .merge_slashes = !keep};
    std::ifstream lines(file);
    std::string line;
    int cases = 0;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::string where = file.filename().string() + ":" + std::to_string(number);
        const std::vector<std::string> fields = split(line);
        if (fields.size() < 2 || (fields.size() > 2 && !allow && !keep)) {
            ADD_FAILURE() << where << ": not a case";
            continue;
        }
        check_case(where, fields, rules);
        ++cases;
    }
    return cases;
}

TEST(golden_paths_test, every_case_comes_out_as_written) {
    int cases = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") {
            cases += check_file(entry.path());
        }
    }
    EXPECT_GE(cases, 400) << "in " << folder;
}

} // namespace
} // namespace bearward::policies::requests

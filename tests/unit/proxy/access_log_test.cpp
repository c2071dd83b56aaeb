#include "proxy/telemetry/access_log.hpp"

#include "proxy/telemetry/log.hpp"
#include "proxy/telemetry/record_ring.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using policies::reason;
using namespace std::chrono_literals;

class temporary_directory {
public:
    temporary_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "bearward-log-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~temporary_directory() { std::filesystem::remove_all(path_); }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 500; ++i) {
        if (holds()) {
            return true;
        }
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

access_record sample() {
    access_record record;
    record.request_id = "r-1";
    record.client = "192.0.2.1";
    record.method = "GET";
    record.path = "/tenants/t-1/widgets?access_token=***";
    record.status = 200;
    record.user = "u-1";
    return record;
}

config::log_settings file_settings(const std::string& path) {
    config::log_settings settings;
    settings.output = path;
    return settings;
}

TEST(record_ring, refuses_when_full_and_says_when_half_full) {
    using ring = record_ring<int>;
    ring queue(4);
    int value = 1;
    EXPECT_EQ(queue.push(value), ring::pushed::yes);
    value = 2;
    EXPECT_EQ(queue.push(value), ring::pushed::half_full);
    value = 3;
    EXPECT_EQ(queue.push(value), ring::pushed::yes);
    value = 4;
    EXPECT_EQ(queue.push(value), ring::pushed::yes);
    value = 5;
    EXPECT_EQ(queue.push(value), ring::pushed::no);
    EXPECT_EQ(value, 5);
    std::vector<int> seen;
    EXPECT_EQ(queue.drain([&seen](int& element) { seen.push_back(element); }), 4U);
    EXPECT_THAT(seen, testing::ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(queue.push(value), ring::pushed::yes);
}

TEST(access_log, writes_soon_without_being_asked_to) {
    const temporary_directory directory;
    const auto path = directory.file("access.log");
    access_log log(file_settings(path));
    for (std::size_t count = 1; count <= 3; ++count) {
        log.write(sample());
        EXPECT_TRUE(eventually([&] { return lines_of(path).size() == count; })) << count;
        std::this_thread::sleep_for(60ms); // long enough that the writing thread sleeps
    }
}

TEST(access_log, a_written_record_is_left_empty) {
    const temporary_directory directory;
    access_log log(file_settings(directory.file("access.log")));
    auto record = sample();
    for (int i = 0; i < 10'000; ++i) { // more than a ring holds: slots come round again
        record.user = "somebody with a name longer than any small string";
        log.write(std::move(record));
        ASSERT_EQ(record.user, "");
        ASSERT_EQ(record.path, "");
        ASSERT_EQ(record.status, 0U);
    }
}

TEST(access_log, several_threads_lose_and_mix_nothing) {
    const temporary_directory directory;
    const auto path = directory.file("access.log");
    constexpr std::size_t threads = 4;
    constexpr std::size_t records = 1'500; // fewer than a ring holds
    {
        access_log log(file_settings(path));
        std::vector<std::thread> writers;
        for (std::size_t writer = 0; writer < threads; ++writer) {
            writers.emplace_back([&log, writer] {
                for (std::size_t i = 0; i < records; ++i) {
                    auto record = sample();
                    record.request_id = std::to_string(writer) + "-" + std::to_string(i);
                    log.write(std::move(record));
                }
            });
        }
        for (auto& writer : writers) {
            writer.join();
        }
    }
    std::set<std::string> ids;
    for (const auto& line : lines_of(path)) {
        ids.emplace(boost::json::parse(line).as_object().at("request_id").as_string());
    }
    EXPECT_EQ(ids.size(), threads * records);
}

TEST(access_log, drops_and_counts_instead_of_waiting_for_a_slow_output) {
    const temporary_directory directory;
    const auto pipe = directory.file("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::size_t seen = 0;
    std::thread reader;
    const auto start = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration writing{};
    {
        // Opened for reading first, so that the log's open does not wait; read only later.
        const int end = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
        ASSERT_GE(end, 0);
        access_log log(file_settings(pipe));
        for (int i = 0; i < 20'000; ++i) {
            log.write(sample());
        }
        writing = std::chrono::steady_clock::now() - start;
        ::fcntl(end, F_SETFL, 0);
        reader = std::thread([end, &seen] {
            std::array<char, 65'536> buffer{};
            for (ssize_t n = 0; (n = ::read(end, buffer.data(), buffer.size())) > 0;) {
                seen += static_cast<std::size_t>(std::count(buffer.begin(), buffer.begin() + n, '\n'));
            }
            ::close(end);
        });
    }
    reader.join();
    EXPECT_LT(writing, 5s);
    EXPECT_GE(seen, 4'096U);
    EXPECT_LT(seen, 20'000U);
}

TEST(access_log, reopens_its_file_after_a_rotation) {
    const temporary_directory directory;
    const auto path = directory.file("access.log");
    access_log log(file_settings(path));
    log.write(sample());
    ASSERT_TRUE(eventually([&] { return lines_of(path).size() == 1; }));
    std::filesystem::rename(path, path + ".1");
    log.reopen();
    log.write(sample());
    EXPECT_TRUE(eventually([&] { return lines_of(path).size() == 1; }));
    EXPECT_EQ(lines_of(path + ".1").size(), 1U);
}

TEST(access_log, wants_what_the_mode_says) {
    const temporary_directory directory;
    auto settings = file_settings(directory.file("access.log"));
    EXPECT_TRUE(access_log(settings).wants(reason::ok));
    settings.access = config::access_log_mode::rejects;
    EXPECT_FALSE(access_log(settings).wants(reason::ok));
    EXPECT_FALSE(access_log(settings).wants(reason::anonymous));
    EXPECT_FALSE(access_log(settings).wants(reason::public_route));
    EXPECT_TRUE(access_log(settings).wants(reason::tenant_mismatch));
    EXPECT_TRUE(access_log(settings).wants(reason::upstream_error));
    settings.access = config::access_log_mode::off;
    EXPECT_FALSE(access_log(settings).wants(reason::tenant_mismatch));
}

TEST(access_log, an_output_that_cannot_be_opened_is_named) {
    try {
        const access_log log(file_settings("/nonexistent/directory/access.log"));
        FAIL() << "opened";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "cannot open the log /nonexistent/directory/access.log: No such file or directory");
    }
}

TEST(general_log, writes_json_lines_of_the_level_and_shares_the_access_logs_file) {
    const temporary_directory directory;
    const auto path = directory.file("bearward.log");
    auto settings = file_settings(path);
    settings.level = config::log_level::warn;
    const auto before = spdlog::default_logger();
    {
        set_up_log(settings);
        access_log log(settings);
        spdlog::info("not written");
        spdlog::warn("line one\nline \"two\"");
        log.write(sample());
    }
    spdlog::set_default_logger(before);
    const auto lines = lines_of(path);
    ASSERT_EQ(lines.size(), 2U);
    const auto json = boost::json::parse(lines[0]).as_object();
    EXPECT_EQ(json.at("level").as_string(), "warn");
    EXPECT_EQ(json.at("message").as_string(), "line one\nline \"two\"");
    EXPECT_EQ(json.at("time").as_string().size(), std::string_view("2026-02-03T04:05:06.007Z").size());
    EXPECT_EQ(boost::json::parse(lines[1]).as_object().at("request_id").as_string(), "r-1");
}

} // namespace
} // namespace bearward::proxy

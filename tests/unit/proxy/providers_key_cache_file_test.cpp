// Keys on disk: what was kept is found again, and nothing else is believed.
#include "proxy/providers/key_cache_file.hpp"

#include "policies/jose/signature.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace bearward::proxy::providers {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using policies::jose::algorithm;
using policies::jose::signing_key;
using ::testing::HasSubstr;

constexpr policies::time_point fetched{1'700'000'000s};

class key_cache_file : public ::testing::Test {
protected:
    key_cache_file() {
        fs::create_directories(folder);
        source.from = config::parse_url("https://id.example.com/keys").value();
        source.algorithms = {algorithm::es256};
        source.how.cache_file.value = path;
    }
    ~key_cache_file() override { fs::remove_all(folder); }

    static std::string set() {
        static const std::string made = R"({"keys":[)" + signing_key::generate(algorithm::es256).jwk(algorithm::es256, "k-1") + "]}";
        return made;
    }
    void keep() { ASSERT_EQ(keep_keys(source, set(), fetched), std::nullopt); }
    [[nodiscard]] std::string content() const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& text) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << text; }
    void exchange(const std::string& from, const std::string& to) const {
        std::string text = content();
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << text;
        write(text.replace(at, from.size(), to));
    }
    /// Why it is not used; empty: it is.
    [[nodiscard]] std::string fault() const {
        const auto kept = read_kept_keys(source);
        return kept ? std::string() : kept.error().empty() ? "absent" : kept.error();
    }

    std::string folder = fs::temp_directory_path() / ("key-cache-" + std::to_string(::getpid()));
    std::string path = folder + "/keys.cache";
    config::key_source_settings source;
};

TEST_F(key_cache_file, is_found_again) {
    EXPECT_EQ(fault(), "absent");
    keep();
    const auto kept = read_kept_keys(source);
    ASSERT_TRUE(kept.has_value()) << kept.error();
    EXPECT_EQ(kept->fetched, fetched);
    ASSERT_EQ(kept->keys->keys.size(), 1U);
    EXPECT_EQ(kept->keys->keys.front().id(), "k-1");
    EXPECT_EQ(kept->text, content());
}

TEST_F(key_cache_file, is_its_owners_alone) {
    ::umask(0);
    keep();
    struct stat made{};
    ASSERT_EQ(::stat(path.c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777U, 0600U);
    ::umask(022);
}

TEST_F(key_cache_file, is_replaced_as_a_whole_and_through_no_link) {
    write("mine");
    const std::string victim = folder + "/victim";
    std::ofstream(victim) << "untouched";
    fs::create_symlink(victim, path + ".new"); // where the next one is written
    keep();
    EXPECT_EQ(fault(), "");
    std::string text;
    std::ifstream(victim) >> text;
    EXPECT_EQ(text, "untouched");
    EXPECT_FALSE(fs::exists(path + ".new"));
}

TEST_F(key_cache_file, of_another_url_is_not_used) {
    keep();
    source.from = config::parse_url("https://other.example.com/keys").value();
    EXPECT_THAT(fault(), HasSubstr("kept of another URL"));
}

TEST_F(key_cache_file, without_url_or_time_is_not_used) {
    write(set());
    EXPECT_THAT(fault(), HasSubstr("not a set that was kept here"));
    for (const char* time : {"\"1700000000\"", "null", "1700000000.5", "true", "[]", "99999999999999999999"}) {
        keep();
        exchange("1700000000", time);
        EXPECT_THAT(fault(), HasSubstr("not a set that was kept here")) << time;
    }
}

TEST_F(key_cache_file, with_an_absurd_time_is_not_used) {
    for (const char* time : {"-1", "9223372036854775807", "-9223372036854775808", "253402300800"}) {
        keep();
        exchange("1700000000", time);
        EXPECT_THAT(fault(), HasSubstr("no time at which it was fetched")) << time;
    }
}

TEST_F(key_cache_file, that_is_cut_or_no_json_is_not_used) {
    keep();
    const std::string whole = content();
    for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
        write(whole.substr(0, size));
        ASSERT_NE(fault(), "") << size;
    }
    write(R"({"url":"https://other.example.com/",)" + whole.substr(1));
    EXPECT_NE(fault(), "") << "names twice";
}

TEST_F(key_cache_file, without_a_usable_key_is_not_used) {
    keep();
    source.algorithms = {algorithm::rs256};
    EXPECT_THAT(fault(), HasSubstr(path));
    source.algorithms = {algorithm::hs256};
    write(
        R"({"url":"https://id.example.com/keys","fetched":1700000000,"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]})");
    EXPECT_NE(fault(), "") << "no secret comes from a URL";
}

TEST_F(key_cache_file, that_others_may_write_is_not_used) {
    keep();
    fs::permissions(path, fs::perms(0602));
    EXPECT_THAT(fault(), HasSubstr("every user may write it"));
    fs::permissions(path, fs::perms(0660));
    EXPECT_EQ(fault(), "") << "its group, as Kubernetes gives it to volumes";
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
        EXPECT_THAT(fault(), HasSubstr("it belongs to another user"));
    }
}

TEST_F(key_cache_file, that_is_no_file_is_not_used) {
    fs::create_directory(path);
    EXPECT_THAT(fault(), HasSubstr("can't read"));
    EXPECT_THAT(keep_keys(source, set(), fetched).value_or(""), HasSubstr("can't write"));
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_THAT(fault(), HasSubstr("can't read")) << "and nobody waits for its writer";
}

TEST_F(key_cache_file, that_cant_be_written_is_said) {
    source.how.cache_file.value = folder + "/absent/keys.cache";
    EXPECT_THAT(keep_keys(source, set(), fetched).value_or(""), HasSubstr("No such file or directory"));
    EXPECT_EQ(fault(), "absent");
}

} // namespace
} // namespace bearward::proxy::providers

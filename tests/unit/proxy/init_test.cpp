// `bearward init`: what it writes for each kind of app, and what it refuses. The texts are
// tests/golden/init/KIND.yaml; BEARWARD_UPDATE_GOLDEN=1 writes them anew.
#include "proxy/commands/init.hpp"

#include "config/configuration.hpp"
#include "proxy/commands/first_configuration.hpp"
#include "proxy/commands/policy_tests.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bearward::proxy::commands {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* issuer = "https://id.test/";

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class first_configuration : public testing::TestWithParam<const char*> {
protected:
    static std::string text(const std::optional<std::string>& of = issuer) {
        return make_first_configuration(*find_app(GetParam()).value(), of);
    }
};

TEST_P(first_configuration, golden_text) {
    const fs::path path = fs::path(BEARWARD_SOURCE_DIR) / "tests/golden/init" / (std::string(GetParam()) + ".yaml");
    if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << text();
    }
    EXPECT_EQ(text(), content_of(path));
}

TEST_P(first_configuration, has_no_warnings_and_its_tests_hold) {
    for (const std::optional<std::string>& of :
         {std::optional<std::string>(issuer), std::optional<std::string>("http://127.0.0.1:9000/realms/x"), std::optional<std::string>()}) {
        auto result = config::load_text(text(of), "bearward.yaml", {});
        ASSERT_TRUE(result.loaded) << to_string(result.diagnostics.front());
        for (const auto& each : result.diagnostics) {
            EXPECT_EQ(each.severity, config::diagnostic::kind::note) << to_string(each);
        }
        counter_registry counted_nowhere(1);
        const serving rules(std::move(*result.loaded), counted_nowhere, purpose::judge);
        const auto outcomes = run_policy_tests(rules);
        EXPECT_GE(outcomes.size(), 11U);
        for (const auto& each : outcomes) {
            EXPECT_TRUE(each.differences.empty()) << to_text(each);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(all, first_configuration, testing::Values("fastapi", "django", "express", "spring", "asp.net", "other"),
                         [](const auto& one) {
                             std::string name = one.param;
                             std::erase(name, '.');
                             return name;
                         });

std::string text_for(const char* app) {
    return make_first_configuration(*find_app(app).value(), issuer);
}

TEST(make_first_configuration, each_kind_has_its_port_and_its_router) {
    EXPECT_THAT(text_for("fastapi"),
                AllOf(HasSubstr("127.0.0.1:8000"), HasSubstr("{case: sensitive, trailing_slash: distinct}"), HasSubstr("/openapi.json")));
    EXPECT_THAT(text_for("django"), AllOf(HasSubstr("127.0.0.1:8000"), HasSubstr("{case: sensitive, trailing_slash: distinct}")));
    EXPECT_THAT(text_for("express"), AllOf(HasSubstr("127.0.0.1:3000"), HasSubstr("{case: insensitive, trailing_slash: ignored}")));
    EXPECT_THAT(text_for("spring"),
                AllOf(HasSubstr("127.0.0.1:8080"), HasSubstr("0.0.0.0:8000"), HasSubstr("{case: sensitive, trailing_slash: guarded}")));
    EXPECT_THAT(text_for("asp.net"),
                AllOf(HasSubstr("127.0.0.1:5000"), HasSubstr("{case: insensitive, trailing_slash: ignored}"), HasSubstr("/hubs")));
    EXPECT_THAT(text_for("other"), HasSubstr("{case: guarded, trailing_slash: guarded}"));
}

TEST(make_first_configuration, the_issuer_stands_there_byte_for_byte_and_its_document_below_it) {
    const auto with = [](const char* url) { return make_first_configuration(*find_app("other").value(), url); };
    EXPECT_THAT(with("https://id.test/"),
                AllOf(HasSubstr("issuer: \"https://id.test/\" "), HasSubstr("\"https://id.test/.well-known/openid-configuration\"")));
    EXPECT_THAT(with("https://id.test"),
                AllOf(HasSubstr("issuer: \"https://id.test\" "), HasSubstr("\"https://id.test/.well-known/openid-configuration\"")));
    EXPECT_THAT(with("https://id.test/realms/x"), HasSubstr("\"https://id.test/realms/x/.well-known/openid-configuration\""));
    EXPECT_THAT(make_first_configuration(*find_app("other").value(), {}), HasSubstr("YOUR-ISSUER"));
}

TEST(find_app, another_word_is_refused_with_what_was_meant) {
    EXPECT_THAT(find_app("fastpi").error(),
                AllOf(HasSubstr("fastapi, django, express, spring, asp.net, other"), EndsWith("did you mean 'fastapi'?")));
    EXPECT_THAT(find_app("FastAPI").error(), EndsWith("did you mean 'fastapi'?"));
    EXPECT_THAT(find_app("aspnet").error(), EndsWith("did you mean 'asp.net'?"));
    EXPECT_FALSE(find_app(""));
    EXPECT_THAT(find_app("eyJhbGciOiJub25lIn0").error(), Not(HasSubstr("eyJ")));
}

TEST(parse_issuer, takes_https_and_http_on_this_machine) {
    for (const char* good : {"https://id.test/", "https://id.test", "https://id.test:8443/realms/x", "http://localhost:9000/",
                             "http://127.0.0.1:9000", "http://[::1]:9000/x"}) {
        EXPECT_EQ(parse_issuer(good), good);
    }
}

TEST(parse_issuer, says_why_it_refuses) {
    const auto why = [](const char* written) {
        const auto parsed = parse_issuer(written);
        return parsed ? "accepted" : parsed.error();
    };
    EXPECT_THAT(why("http://id.test/"), HasSubstr("begins with https://"));
    EXPECT_THAT(why("id.test"), HasSubstr("begins with https://"));
    EXPECT_THAT(why(""), HasSubstr("begins with https://"));
    EXPECT_THAT(why("ftp://id.test/"), HasSubstr("begins with https://"));
    EXPECT_NE(why("http://127.0.0.1.example.com/"), "accepted");
    EXPECT_THAT(why("https://id.test/?x=1"), HasSubstr("no query"));
    EXPECT_THAT(why("https://id.test/#x"), HasSubstr("fragment"));
    EXPECT_THAT(why("https://u:p@id.test/"), AllOf(HasSubstr("password"), Not(HasSubstr("u:p"))));
    EXPECT_THAT(why("https://login.example.com/{tid}/v2.0"), HasSubstr("template"));
    EXPECT_THAT(why("https://id.test/${SECRET}"), HasSubstr("template"));
    EXPECT_THAT(why("https://id.test/*"), HasSubstr("stands for nothing"));
    EXPECT_THAT(why("https://id.test/.well-known/openid-configuration"), HasSubstr("before /.well-known/"));
    for (const char* odd : {"https://id.test/\"", "https://id.test/\\", "https://id.test/a b", "https://id.test/\n",
                            "https://id.test/\xC3\xA4", "https://", "https://id.test:0/"}) {
        EXPECT_FALSE(parse_issuer(odd)) << odd;
    }
}

/// In an empty directory of its own.
class init_test : public testing::Test {
protected:
    init_test() : before_(fs::current_path()) {
        std::string pattern = (fs::temp_directory_path() / "bearward-init-XXXXXX").string();
        fs::current_path(::mkdtemp(pattern.data()));
    }
    ~init_test() override {
        const fs::path made = fs::current_path();
        fs::current_path(before_);
        fs::remove_all(made);
    }

    int run(const init_options& options) { return init(options, {.answers = nullptr, .out = out_, .messages = messages_}); }
    int run_on_a_terminal(const init_options& options, const std::string& answers) {
        std::istringstream given(answers);
        return init(options, {.answers = &given, .out = out_, .messages = messages_});
    }
    [[nodiscard]] std::string out() const { return out_.str(); }
    [[nodiscard]] std::string messages() const { return messages_.str(); }

private:
    fs::path before_;
    std::ostringstream out_, messages_;
};

TEST_F(init_test, writes_the_file_that_the_others_find) {
    EXPECT_EQ(run({.app = "django", .issuer = issuer}), 0) << messages();
    EXPECT_EQ(content_of("bearward.yaml"), text_for("django"));
    EXPECT_EQ(out(), "");
    EXPECT_THAT(messages(), AllOf(HasSubstr("bearward.yaml is written"), HasSubstr("YOUR-API"), Not(HasSubstr("YOUR-ISSUER"))));
}

TEST_F(init_test, without_an_issuer_a_placeholder_is_written_and_spoken_of) {
    EXPECT_EQ(run({}), 0);
    EXPECT_THAT(content_of("bearward.yaml"), AllOf(HasSubstr("https://YOUR-ISSUER.example.com/"), HasSubstr("guarded")));
    EXPECT_THAT(messages(), AllOf(HasSubstr("YOUR-ISSUER and YOUR-API"), HasSubstr("no token is accepted")));
}

TEST_F(init_test, a_dash_is_stdout) {
    EXPECT_EQ(run({.app = "spring", .issuer = issuer, .output = "-"}), 0);
    EXPECT_EQ(out(), text_for("spring"));
    EXPECT_TRUE(fs::is_empty("."));
}

TEST_F(init_test, nothing_is_written_over) {
    std::ofstream("bearward.yaml") << "mine";
    EXPECT_EQ(run({.issuer = issuer}), 1);
    EXPECT_EQ(content_of("bearward.yaml"), "mine");
    EXPECT_THAT(messages(), HasSubstr("is there already"));
    fs::create_directory("folder");
    EXPECT_EQ(run({.issuer = issuer, .output = "folder"}), 1);
}

TEST_F(init_test, a_link_at_its_place_is_not_followed) {
    fs::create_symlink("nowhere", "bearward.yaml");
    EXPECT_EQ(run({.issuer = issuer}), 1);
    EXPECT_FALSE(fs::exists("nowhere"));
    EXPECT_TRUE(fs::is_symlink("bearward.yaml"));
}

TEST_F(init_test, what_can_not_be_written_is_told) {
    EXPECT_EQ(run({.issuer = issuer, .output = "no/such/folder.yaml"}), 1);
    EXPECT_THAT(messages(), AllOf(HasSubstr("can't write no/such/folder.yaml: "), HasSubstr("No such file")));
    EXPECT_EQ(run({.issuer = issuer, .output = ""}), 1);
}

TEST_F(init_test, wrong_words_are_wrong_usage) {
    EXPECT_EQ(run({.app = "rails"}), 2);
    EXPECT_EQ(run({.issuer = "http://id.test/"}), 2);
    EXPECT_THAT(messages(), AllOf(HasSubstr("--app: "), HasSubstr("--issuer: ")));
    EXPECT_TRUE(fs::is_empty("."));
}

TEST_F(init_test, a_terminal_is_asked_for_what_is_not_given) {
    EXPECT_EQ(run_on_a_terminal({}, " express \nhttps://id.test/\n"), 0);
    EXPECT_EQ(content_of("bearward.yaml"), text_for("express"));
    EXPECT_THAT(messages(), AllOf(HasSubstr("[other]: "), HasSubstr("`iss`")));
}

TEST_F(init_test, a_terminal_is_asked_for_nothing_else) {
    EXPECT_EQ(run_on_a_terminal({.app = "express", .issuer = issuer}, ""), 0);
    EXPECT_THAT(messages(), Not(HasSubstr("[")));
}

TEST_F(init_test, a_wrong_answer_is_asked_again_and_an_empty_one_is_the_default) {
    EXPECT_EQ(run_on_a_terminal({}, "expres\n\nhttp://id.test/\n\n"), 0);
    EXPECT_THAT(messages(), AllOf(HasSubstr("did you mean 'express'?"), HasSubstr("begins with https://")));
    EXPECT_EQ(content_of("bearward.yaml"), make_first_configuration(*find_app("other").value(), {}));
}

TEST_F(init_test, without_an_answer_nothing_is_written) {
    EXPECT_EQ(run_on_a_terminal({}, "express\n"), 1);
    EXPECT_THAT(messages(), HasSubstr("nothing is written"));
    EXPECT_TRUE(fs::is_empty("."));
}

TEST_F(init_test, what_is_there_is_told_before_anything_is_asked) {
    std::ofstream("bearward.yaml") << "mine";
    EXPECT_EQ(run_on_a_terminal({}, ""), 1);
    EXPECT_THAT(messages(), Not(HasSubstr("[other]")));
}

} // namespace
} // namespace bearward::proxy::commands

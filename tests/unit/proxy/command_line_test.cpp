#include "proxy/commands/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace bearward::proxy::commands {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::expected<command, std::string> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "bearward");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

template <typename Command>
Command parsed_as(std::vector<const char*> arguments) {
    const auto parsed = parse(std::move(arguments));
    if (!parsed || !std::holds_alternative<Command>(*parsed)) {
        ADD_FAILURE() << (parsed ? "another command" : parsed.error());
        return {};
    }
    return std::get<Command>(*parsed);
}

std::string refusal_of(std::vector<const char*> arguments) {
    const auto parsed = parse(std::move(arguments));
    return parsed ? "accepted" : parsed.error();
}

TEST(command_line, run_is_the_default_command) {
    EXPECT_EQ(parsed_as<run_command>({}).configuration, std::nullopt);
    EXPECT_EQ(parsed_as<run_command>({"-c", "a.yaml"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<run_command>({"--config=a.yaml"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<run_command>({"run", "-c", "a.yaml"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<run_command>({"-c", "a.yaml", "run"}).configuration, "a.yaml");
}

TEST(command_line, check_takes_strict_and_offline) {
    const auto plain = parsed_as<check_command>({"check"});
    EXPECT_FALSE(plain.options.strict || plain.options.offline);
    const auto both = parsed_as<check_command>({"check", "-c", "a.yaml", "--strict", "--offline"});
    EXPECT_TRUE(both.options.strict && both.options.offline);
    EXPECT_EQ(both.configuration, "a.yaml");
}

TEST(command_line, init_takes_an_app_an_issuer_and_a_file) {
    const auto plain = parsed_as<init_options>({"init"});
    EXPECT_EQ(plain.app, std::nullopt);
    EXPECT_EQ(plain.issuer, std::nullopt);
    EXPECT_EQ(plain.output, "bearward.yaml");
    const auto given = parsed_as<init_options>({"init", "--app", "asp.net", "--issuer", "https://id.test/", "-o", "-"});
    EXPECT_EQ(given.app, "asp.net");
    EXPECT_EQ(given.issuer, "https://id.test/");
    EXPECT_EQ(given.output, "-");
    EXPECT_THAT(refusal_of({"init", "--app", "expres"}), HasSubstr("did you mean 'express'?"));
    EXPECT_THAT(refusal_of({"init", "--issuer", "http://id.test/"}), HasSubstr("begins with https://"));
    EXPECT_THAT(refusal_of({"init", "--issuer", "https://u:p4ss@id.test/"}), Not(HasSubstr("p4ss")));
    EXPECT_THAT(refusal_of({"init", "extra"}), HasSubstr("unexpected argument"));
}

TEST(command_line, the_configuration_may_stand_alone) {
    EXPECT_EQ(parsed_as<check_command>({"check", "a.yaml", "--strict"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<test_command>({"test", "a.yaml"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<routes_command>({"routes", "a.yaml"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<healthcheck_command>({"healthcheck", "a.yaml"}).configuration, "a.yaml");
    const auto explained = parsed_as<explain_command>({"explain", "--header", "A: b", "a.yaml", "--path", "/x"});
    EXPECT_EQ(explained.configuration, "a.yaml");
    EXPECT_THAT(explained.options.headers, ElementsAre("A: b"));
    EXPECT_EQ(parsed_as<check_command>({"check"}).configuration, std::nullopt);
    for (const char* each : {"check", "test", "routes", "healthcheck"}) {
        EXPECT_THAT(refusal_of({each, "a.yaml", "-c", "b.yaml"}), HasSubstr("two configurations")) << each;
        EXPECT_THAT(refusal_of({"-c", "b.yaml", each, "a.yaml"}), HasSubstr("two configurations")) << each;
        EXPECT_THAT(refusal_of({each, "a.yaml", "b.yaml"}), HasSubstr("unexpected argument")) << each;
    }
    EXPECT_THAT(refusal_of({"run", "a.yaml"}), HasSubstr("unexpected argument")) << "serving is never guessed";
}

TEST(command_line, explain_takes_a_request) {
    const auto plain = parsed_as<explain_command>({"explain", "--path", "/x"}).options;
    EXPECT_EQ(plain.method, "GET");
    EXPECT_FALSE(plain.host || plain.token || plain.at || plain.listener || plain.websocket || plain.json);
    const auto whole = parsed_as<explain_command>({"explain",    "-c",      "a.yaml", "--path",      "/x?y", "--method",
                                                   "PUT",        "--host",  "h",      "--header",    "A: b", "--header",
                                                   "C: d",       "--token", "-",      "--websocket", "--at", "2026-01-31T12:00:00Z",
                                                   "--listener", "l",       "--json"});
    EXPECT_EQ(whole.configuration, "a.yaml");
    EXPECT_THAT(whole.options.headers, ElementsAre("A: b", "C: d"));
    EXPECT_EQ(whole.options.token, "-");
    EXPECT_TRUE(whole.options.websocket && whole.options.json);
    EXPECT_THAT(refusal_of({"explain"}), HasSubstr("--path is required"));
    EXPECT_THAT(refusal_of({"explain", "--path", "/", "--at", "soon"}), HasSubstr("--at: not a time"));
}

TEST(command_line, token_inspect_takes_a_token_and_a_configuration) {
    EXPECT_EQ(parsed_as<inspect_options>({"token", "inspect"}).token, std::nullopt);
    EXPECT_EQ(parsed_as<inspect_options>({"token", "inspect", "-"}).token, "-");
    const auto both = parsed_as<inspect_options>({"token", "inspect", "-c", "a.yaml", "x.y.z"});
    EXPECT_EQ(both.token, "x.y.z");
    EXPECT_EQ(both.configuration, "a.yaml");
}

TEST(command_line, api_key_new_takes_a_name) {
    EXPECT_EQ(parsed_as<api_key_options>({"api-key", "new", "--id", "acme"}).id, "acme");
    const std::string key = "bwk_" + std::string(43, 'A');
    for (const std::string& id : {std::string(), key, std::string("a\nb"), std::string(129, 'a'), std::string("\xC3\xA9")}) {
        const std::string message = refusal_of({"api-key", "new", "--id", id.c_str()});
        EXPECT_THAT(message, HasSubstr("--id")) << id;
        EXPECT_THAT(message, Not(HasSubstr(key)));
    }
    EXPECT_THAT(refusal_of({"api-key", "new"}), HasSubstr("--id"));
    EXPECT_THAT(refusal_of({"api-key"}), HasSubstr("subcommand is required"));
}

TEST(command_line, key_new_takes_algorithms_with_a_key_pair) {
    EXPECT_EQ(parsed_as<key_options>({"key", "new", "--alg", "EdDSA"}).algorithm, "EdDSA");
    EXPECT_THAT(refusal_of({"key", "new"}), HasSubstr("--alg is required"));
    EXPECT_THAT(refusal_of({"key", "new", "--alg", "HS256"}), HasSubstr("not an algorithm with a key pair"));
    EXPECT_THAT(refusal_of({"key"}), HasSubstr("subcommand is required"));
}

TEST(command_line, routes_and_test_take_a_configuration) {
    EXPECT_EQ(parsed_as<routes_command>({"routes", "-c", "a.yaml"}).configuration, "a.yaml");
    EXPECT_EQ(parsed_as<test_command>({"test", "-c", "a.yaml"}).configuration, "a.yaml");
}

TEST(command_line, schema_takes_nothing) {
    static_cast<void>(parsed_as<schema_command>({"schema"}));
    EXPECT_THAT(refusal_of({"schema", "-c", "a.yaml"}), HasSubstr("unknown option -c"));
}

TEST(command_line, healthcheck_takes_a_configuration) {
    EXPECT_EQ(parsed_as<healthcheck_command>({"healthcheck"}).configuration, std::nullopt);
    EXPECT_EQ(parsed_as<healthcheck_command>({"healthcheck", "-c", "a.yaml"}).configuration, "a.yaml");
    EXPECT_THAT(refusal_of({"healthcheck", "--timeout=1"}), HasSubstr("unknown option --timeout"));
}

TEST(command_line, demo_takes_once) {
    EXPECT_FALSE(parsed_as<demo_command>({"demo"}).once);
    EXPECT_TRUE(parsed_as<demo_command>({"demo", "--once"}).once);
}

TEST(command_line, token_mint_takes_all_its_options) {
    const auto mint = parsed_as<mint_options>({"token",  "mint",   "--key", "key.pem", "--alg", "ES256",   "--kid",
                                               "k1",     "--sub",  "u-1",   "--tid",   "t-1",   "--role",  "reader",
                                               "--role", "editor", "--iss", "issuer",  "--aud", "one",     "--aud",
                                               "two",    "--ttl",  "1h",    "--claim", "a=1",   "--claim", "b={\"x\": [1, 2]}"});
    EXPECT_EQ(mint.key_file, "key.pem");
    EXPECT_EQ(mint.algorithm, "ES256");
    EXPECT_EQ(mint.key_id, "k1");
    EXPECT_EQ(mint.subject, "u-1");
    EXPECT_EQ(mint.tenant, "t-1");
    EXPECT_EQ(mint.issuer, "issuer");
    EXPECT_EQ(mint.lifetime, "1h");
    EXPECT_THAT(mint.roles, ElementsAre("reader", "editor"));
    EXPECT_THAT(mint.audiences, ElementsAre("one", "two"));
    EXPECT_THAT(mint.claims, ElementsAre("a=1", "b={\"x\": [1, 2]}"));
}

TEST(command_line, values_may_begin_with_a_hyphen) {
    const auto mint = parsed_as<mint_options>({"token", "mint", "--secret", "-s-", "--alg", "HS256", "--ttl", "-5m"});
    EXPECT_EQ(mint.lifetime, "-5m");
    EXPECT_EQ(mint.secret, "-s-");
}

TEST(command_line, token_mint_needs_an_algorithm_and_exactly_one_key) {
    EXPECT_THAT(refusal_of({"token", "mint", "--secret", "x"}), HasSubstr("--alg is required"));
    EXPECT_THAT(refusal_of({"token", "mint", "--alg", "HS256"}), HasSubstr("exactly one of --key, --secret-file and --secret"));
    EXPECT_THAT(refusal_of({"token", "mint", "--alg", "HS256", "--secret", "x", "--key", "k"}), HasSubstr("exactly one of"));
}

TEST(command_line, token_mint_refuses_malformed_values) {
    EXPECT_THAT(refusal_of({"token", "mint", "--secret", "x", "--alg", "none"}), HasSubstr("--alg: not an accepted algorithm"));
    EXPECT_THAT(refusal_of({"token", "mint", "--secret", "x", "--alg", "hs256"}), HasSubstr("--alg: not an accepted algorithm"));
    EXPECT_THAT(refusal_of({"token", "mint", "--secret", "x", "--alg", "HS256", "--ttl", "soon"}), HasSubstr("--ttl: not a duration"));
    EXPECT_THAT(refusal_of({"token", "mint", "--secret", "x", "--alg", "HS256", "--claim", "a"}), HasSubstr("--claim: not NAME=VALUE"));
    EXPECT_THAT(refusal_of({"token", "mint", "--secret", "x", "--alg", "HS256", "--claim", "=a"}), HasSubstr("--claim: not NAME=VALUE"));
}

TEST(command_line, version_and_help_are_texts) {
    EXPECT_EQ(parsed_as<show_text>({"--version"}).text, "bearward 0.1.0\n");
    EXPECT_THAT(parsed_as<show_text>({"--help"}).text, AllOf(HasSubstr("Usage: bearward"), HasSubstr("Example: bearward -c")));
    EXPECT_THAT(parsed_as<show_text>({"check", "--help"}).text,
                AllOf(HasSubstr("Usage: bearward check"), HasSubstr("Example: bearward check")));
    EXPECT_THAT(parsed_as<show_text>({"token", "mint", "-h"}).text,
                AllOf(HasSubstr("Usage: bearward token mint"), HasSubstr("Example: bearward token mint")));
}

TEST(command_line, import_takes_a_peer_and_a_file) {
    const auto plain = parsed_as<import_options>({"import", "nginx", "site.conf"});
    EXPECT_EQ(plain.peer, "nginx");
    EXPECT_EQ(plain.file, "site.conf");
    EXPECT_EQ(plain.output, "-");
    EXPECT_EQ(parsed_as<import_options>({"import", "envoy", "-o", "ours.yaml", "envoy.yaml"}).output, "ours.yaml");
    EXPECT_THAT(refusal_of({"import", "apache", "x"}), HasSubstr("oauth2-proxy, envoy, nginx"));
    EXPECT_THAT(refusal_of({"import", "nginx"}), HasSubstr("file"));
    EXPECT_THAT(refusal_of({"import", "nginx", "x", "y"}), HasSubstr("unexpected argument"));
}

TEST(command_line, near_misses_get_a_suggestion_and_where_to_read_more) {
    EXPECT_EQ(refusal_of({"chekc", "-c", "x"}), "bearward: unknown command 'chekc'; did you mean 'check'?\nTry 'bearward --help'.\n");
    EXPECT_EQ(refusal_of({"token", "mnit"}), "bearward: unknown command 'mnit'; did you mean 'mint'?\nTry 'bearward token --help'.\n");
    EXPECT_EQ(refusal_of({"check", "--strcit"}),
              "bearward: unknown option --strcit; did you mean '--strict'?\nTry 'bearward check --help'.\n");
    EXPECT_THAT(refusal_of({"token", "mint", "--algo", "HS256", "--secret", "x"}),
                HasSubstr("unknown option --algo; did you mean '--alg'?"));
}

TEST(command_line, a_missing_value_or_command_is_wrong_usage) {
    EXPECT_THAT(refusal_of({"-c"}), HasSubstr("--config: 1 required FILE missing"));
    EXPECT_THAT(refusal_of({"token"}), HasSubstr("subcommand is required"));
    EXPECT_THAT(refusal_of({"run", "a.yaml"}), HasSubstr("unexpected argument"));
    EXPECT_THAT(refusal_of({"check", "-c", "a", "-c", "b"}), HasSubstr("--config"));
}

TEST(command_line, messages_repeat_nothing_that_could_be_secret) {
    const std::vector<std::vector<const char*>> lines{
        {"token", "mint", "--alg", "HS256", "--secert", "hunter2"},
        {"token", "mint", "--alg", "HS256", "--secert=hunter2"},
        {"token", "mint", "--alg", "HS256", "--secret", "x", "hunter2"},
        {"token", "mint", "--alg", "hunter2", "--secret", "x"},
        {"token", "mint", "--alg", "HS256", "--secret", "x", "--claim", "hunter2"},
        {"token", "mint", "--alg", "HS256", "--secret", "hunter2", "--secret", "hunter2"},
        {"token", "mint", "-shunter2"},
        {"hunter2"},
        {"token", "inspect", "x.y.z", "hunter2"},
        {"explain", "--path", "/", "--at", "hunter2"},
        {"explain", "--path", "/", "--token", "hunter2", "--token", "hunter2"},
        {"explain", "--path", "/", "eyJhbGciOiJIUzI1NiJ9.e30.hunter2"},
        {"explain", "--path", "/", "Bearer hunter2"},
        {"explain", "--path", "/", "\"eyJhbGciOiJIUzI1NiJ9.e30.hunter2\""},
        {"check", "bwk_hunter2"},
        {"check", "a.yaml", "hunter2"},
        {"key", "new", "--alg", "hunter2"},
        {"demo", "--once=hunter2"},
    };
    for (const auto& line : lines) {
        EXPECT_THAT(refusal_of(line), AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("accepted\n")), HasSubstr("Try 'bearward")));
    }
}

TEST(run_command_line, wrong_usage_exits_2_with_the_message_on_stderr) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const std::vector<const char*> arguments{"bearward", "--nonsense"};
    EXPECT_EQ(run_command_line(2, arguments.data()), 2);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "bearward: unknown option --nonsense\nTry 'bearward --help'.\n");
}

TEST(run_command_line, the_version_goes_to_stdout) {
    testing::internal::CaptureStdout();
    const std::vector<const char*> arguments{"bearward", "--version"};
    EXPECT_EQ(run_command_line(2, arguments.data()), 0);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "bearward 0.1.0\n");
}

} // namespace
} // namespace bearward::proxy::commands

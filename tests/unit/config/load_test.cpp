// What a document comes to once it is compiled.
#include "config/configuration.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace bearward::config {
namespace {

using namespace std::chrono_literals;
using policies::rules::authentication;
using testing::ElementsAre;

const std::string head = R"(version: 1
listen: [{address: "127.0.0.1:8080"}, {address: "127.0.0.1:0", name: private}]
upstreams:
  app: {servers: ["127.0.0.1:8000"]}
  other: {servers: ["unix:/run/other.sock"], connect_timeout: 250ms, response_timeout: 0}
providers:
  main: {issuer: https://id.example.com/, audiences: [a], algorithms: [HS256], keys: {secret: {env: SECRET}}, clock_skew: 5s, max_lifetime: 1h}
  second: {issuer: https://two.example.com/, audiences: [a], algorithms: [HS256], keys: {secret: {env: SECRET}}, header: X-Token}
)";

load_options options() {
    load_options made;
    made.environment = [](const std::string& name) {
        return name == "SECRET" ? std::optional<std::string>(std::string(32, 's')) : std::nullopt;
    };
    return made;
}

configuration load(const std::string& rest) {
    load_result result = load_text(head + rest, "test.yaml", options());
    for (const diagnostic& each : result.diagnostics) {
        EXPECT_NE(each.severity, diagnostic::kind::error) << to_string(each);
    }
    return result.loaded ? std::move(*result.loaded) : configuration{};
}

std::vector<std::string> paths_of(const load_result& result) {
    std::vector<std::string> paths;
    for (const source_file& each : result.read.files) {
        paths.push_back(each.path);
    }
    return paths;
}

const policies::rules::route& route(const configuration& from, std::size_t index) {
    return from.rules->routes.routes()[index];
}

TEST(load, gives_the_documented_defaults) {
    const configuration made = load("routes: [{prefix: /, upstream: app, providers: [main]}]\n");
    EXPECT_EQ(made.threads, 0U);
    EXPECT_EQ(made.listeners[0].name, "127.0.0.1:8080");
    EXPECT_EQ(made.listeners[1].name, "private");
    ASSERT_TRUE(made.admin.address.has_value());
    EXPECT_EQ(made.admin.address->port, 9901);
    EXPECT_EQ(made.upstreams[0].response_timeout, 60s);
    EXPECT_EQ(made.upstreams[1].response_timeout, 0s);
    EXPECT_EQ(made.limits.max_token, 16U * 1024);
    EXPECT_EQ(made.limits.idle_timeout, 75s);
    EXPECT_TRUE(made.headers.drop_unusual_names);
    EXPECT_EQ(made.rules->identity_headers.size(), 4U);
    EXPECT_EQ(made.rules->providers[0].rules.types, (std::vector<std::string>{"JWT", "at+jwt"}));
    EXPECT_EQ(made.rules->providers[0].rules.clock_skew, 5s);
    EXPECT_EQ(made.rules->providers[1].names.header, "X-Token");
    const auto& only = route(made, 0);
    EXPECT_EQ(only.name, "/");
    EXPECT_EQ(only.auth, authentication::required);
    EXPECT_TRUE(only.token_from.header);
    EXPECT_FALSE(only.token_from.query);
    EXPECT_TRUE(only.websocket.token_from.query);
    EXPECT_EQ(only.websocket.reject_with, policies::rules::rejection::close);
    EXPECT_TRUE(only.require.empty());
}

TEST(load, defaults_give_a_route_only_what_it_lacks) {
    const configuration made = load(R"(
defaults:
  upstream: other
  providers: [main, second]
  require: {roles: [user]}
  methods: [GET]
  websocket: {reject_with: http, token_from: [header]}
routes:
  - prefix: /a
  - prefix: /b
    require: {tenant: t}
    methods: []
    websocket: {token_from: [query], close_on_expiry: false}
  - prefix: /c
    websocket: off
    providers: [second]
)");
    EXPECT_EQ(route(made, 0).upstream, 1U);
    EXPECT_THAT(route(made, 0).require.roles, ElementsAre("user"));
    EXPECT_THAT(route(made, 0).methods, ElementsAre("GET"));
    EXPECT_EQ(route(made, 0).credential_names.size(), 2U);
    EXPECT_EQ(route(made, 0).websocket.reject_with, policies::rules::rejection::http);
    EXPECT_TRUE(route(made, 1).require.roles.empty());
    EXPECT_EQ(route(made, 1).require.tenant->written(), "t");
    EXPECT_TRUE(route(made, 1).methods.empty());
    EXPECT_EQ(route(made, 1).websocket.reject_with, policies::rules::rejection::http);
    EXPECT_FALSE(route(made, 1).websocket.token_from.header);
    EXPECT_TRUE(route(made, 1).websocket.token_from.query);
    EXPECT_FALSE(route(made, 1).websocket.close_on_expiry);
    EXPECT_FALSE(route(made, 2).websocket.enabled);
    EXPECT_THAT(route(made, 2).providers, ElementsAre(1U));
}

TEST(load, a_route_opens_websockets_that_the_defaults_close) {
    const configuration made = load("defaults: {upstream: app, providers: [main], websocket: off}\nroutes: [{prefix: /a}, {prefix: /b, "
                                    "websocket: {reject_with: auto}}]\n");
    EXPECT_FALSE(route(made, 0).websocket.enabled);
    EXPECT_TRUE(route(made, 1).websocket.enabled);
    EXPECT_EQ(route(made, 1).websocket.reject_with, policies::rules::rejection::automatic);
}

TEST(load, requirements_are_compiled_with_their_policies) {
    const configuration made = load(R"(
policies: {staff: {any: [{roles: [admin]}, {roles: [support]}]}, own: {tenant: "{id}"}}
routes:
  - prefix: /t/{id}
    upstream: app
    providers: [main]
    require: {policy: [staff, own], claims: {level: [1, two, true], mail: {present: true}, org.id: "{id}"}, not: {scopes: [x]}}
)");
    const auto& require = route(made, 0).require;
    ASSERT_EQ(require.policy_requirements.size(), 2U);
    EXPECT_EQ(require.policy_requirements[0].any.size(), 2U);
    EXPECT_TRUE(require.policy_requirements[1].tenant->parts.front().from == policies::rules::operand::part::source::capture);
    ASSERT_EQ(require.claims.size(), 3U);
    EXPECT_EQ(boost::json::serialize(boost::json::array(require.claims[0].values.begin(), require.claims[0].values.end())),
              "[1,\"two\",true]");
    EXPECT_TRUE(require.claims[1].present_only);
    EXPECT_EQ(require.claims[2].operands.front().written(), "{id}");
    EXPECT_EQ(require.none.size(), 1U);
}

TEST(load, the_dump_shows_routes_with_their_defaults) {
    const configuration made = load("defaults: {upstream: app, providers: [main], require: {roles: [a]}}\nroutes: [{prefix: /x}]\n");
    const auto& shown = made.effective.at("routes").at(0).as_object();
    EXPECT_EQ(shown.at("upstream"), "app");
    EXPECT_EQ(boost::json::serialize(shown.at("require")), R"({"roles":["a"]})");
    EXPECT_FALSE(made.effective.contains("defaults"));
    EXPECT_EQ(boost::json::serialize(made.effective).find("ssss"), std::string::npos);
}

TEST(load, offline_reads_no_secrets_and_key_files) {
    load_options offline;
    offline.offline = true;
    offline.environment = [](const std::string&) -> std::optional<std::string> {
        ADD_FAILURE() << "the environment was asked";
        return std::nullopt;
    };
    const load_result result = load_text(R"(version: 1
listen: [{address: "127.0.0.1:8080"}]
upstreams: {app: {servers: ["127.0.0.1:8000"]}}
providers:
  a: {issuer: a, audiences: [a], algorithms: [HS256], keys: {secret: {file: missing}}}
  b: {issuer: b, audiences: [a], algorithms: [RS256], keys: {jwks_file: missing}, required_claims: {tid: b}}
  c: {issuer: c, audiences: [a], algorithms: [HS256], keys: {secret: {env: MISSING}}}
routes: [{prefix: /, upstream: app, providers: [a, b, c]}]
)",
                                         "test.yaml", offline);
    EXPECT_TRUE(result.loaded.has_value());
    ASSERT_TRUE(result.loaded.has_value());
    EXPECT_TRUE(result.read.files.empty());
}

TEST(load, each_load_has_a_generation_of_its_own) {
    const std::string routes = "routes: [{prefix: /, upstream: app, providers: [main]}]\n";
    EXPECT_NE(load(routes).rules->generation, load(routes).rules->generation);
}

class load_from_folder : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("bearward_load_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "keys");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& content) const { std::ofstream(folder_ / name, std::ios::binary) << content; }
    [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

private:
    std::filesystem::path folder_;
};

TEST_F(load_from_folder, paths_are_relative_to_the_file_and_files_are_listed) {
    write("keys/secret", std::string(32, 'k') + "\n");
    write("a.yaml",
          "version: 1\nlisten: [{address: \"127.0.0.1:0\"}]\nupstreams: {app: {servers: [\"127.0.0.1:1\"]}}\nproviders: {p: {audiences: "
          "[a], algorithms: [HS256], keys: {secret: {file: keys/secret}}}}\nroutes: [{prefix: /, upstream: app, providers: [p]}]\n");
    const load_result result = load_file(path("a.yaml"));
    ASSERT_TRUE(result.loaded.has_value()) << to_string(result.diagnostics.at(0));
    EXPECT_THAT(paths_of(result), ElementsAre(path("a.yaml"), path("keys/secret")));
}

TEST_F(load_from_folder, what_was_read_is_listed_with_its_fingerprint_also_when_the_load_fails) {
    write("secret", std::string(32, 'k'));
    write("a.yaml",
          "version: 1\ninclude: [\"none*.yaml\", gone.yaml]\nlisten: [{address: \"127.0.0.1:0\"}]\n"
          "upstreams: {app: {servers: [\"127.0.0.1:1\"]}}\nproviders: {p: {audiences: [a], algorithms: [HS256], "
          "keys: {secret: {file: secret}}, revocation: {file: missing}}}\nroutes: [{prefix: /, upstream: app, providers: [p]}]\n");
    const load_result result = load_file(path("a.yaml"));
    ASSERT_FALSE(result.loaded.has_value());
    EXPECT_THAT(paths_of(result), ElementsAre(path("a.yaml"), path("gone.yaml"), path("secret"), path("missing")));
    for (const source_file& each : result.read.files) {
        EXPECT_EQ(each.fingerprint, fingerprint_of(each.read(each.path))) << each.path;
    }
    ASSERT_EQ(result.read.patterns.size(), 1U);
    EXPECT_EQ(result.read.patterns[0].pattern, path("none*.yaml"));
    EXPECT_EQ(result.read.patterns[0].found, matches{});

    write("secret", std::string(32, 'x'));
    EXPECT_NE(result.read.files[2].fingerprint, fingerprint_of(result.read.files[2].read(path("secret"))));
    EXPECT_NE(fingerprint_of(std::unexpected("one reason")), fingerprint_of(std::unexpected("another")));
}

TEST_F(load_from_folder, a_pipe_is_refused_where_only_a_regular_file_will_do) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    load_options again;
    again.regular_only = true;
    const load_result result = load_file(path("pipe"), again);
    EXPECT_FALSE(result.loaded.has_value());
    EXPECT_EQ(result.diagnostics.at(0).message, "can't read the file: not a regular file");
}

TEST_F(load_from_folder, included_files_are_read_in_order_and_their_paths_are_relative_to_them) {
    std::filesystem::create_directories(path("p[1]"));
    write("last.yaml", "routes: [{exact: /last, auth: none}]\n");
    write("p[1]/b.yaml", "routes: [{exact: /b, auth: none}]\n");
    write("p[1]/a.yaml",
          "routes: [{exact: /a, auth: none}]\nproviders: {p: {audiences: [a], algorithms: [HS256], keys: {secret: {file: secret}}}}\n");
    write("p[1]/.hidden.yaml", "routes: [{exact: /hidden}]\n");
    write("p[1]/secret", std::string(32, 'k'));
    // A bracket opens a class of characters; a class of one is the bracket itself.
    write("main.yaml", "version: 1\ninclude: [\"p[[]1]/*.yaml\", last.yaml]\nlisten: [{address: \"127.0.0.1:0\"}]\n"
                       "upstreams: {app: {servers: [\"127.0.0.1:1\"]}}\ndefaults: {upstream: app}\n");
    const load_result escaped = load_file(path("main.yaml"));
    ASSERT_TRUE(escaped.loaded.has_value()) << to_string(escaped.diagnostics.at(0));
    EXPECT_THAT(paths_of(escaped),
                ElementsAre(path("main.yaml"), path("p[1]/a.yaml"), path("p[1]/b.yaml"), path("last.yaml"), path("p[1]/secret")));
    EXPECT_EQ(escaped.loaded->rules->routes.routes().front().name, "/a");
}

TEST_F(load_from_folder, a_folder_with_the_signs_of_a_pattern_is_itself) {
    std::filesystem::create_directories(path("w*[x]?"));
    write("w*[x]?/main.yaml", "version: 1\ninclude: [\"*.part\"]\nlisten: [{address: \"127.0.0.1:0\"}]\n"
                              "upstreams: {app: {servers: [\"127.0.0.1:1\"]}}\ndefaults: {upstream: app}\n");
    write("w*[x]?/a.part", "routes: [{exact: /a, auth: none}]\n");
    const load_result result = load_file(path("w*[x]?/main.yaml"));
    EXPECT_TRUE(result.loaded.has_value());
    EXPECT_TRUE(result.diagnostics.empty());
}

TEST_F(load_from_folder, a_file_that_cannot_be_read_is_an_error_with_the_reason) {
    const load_result missing = load_file(path("missing.yaml"));
    EXPECT_FALSE(missing.loaded.has_value());
    EXPECT_EQ(to_string(missing.diagnostics.at(0)), path("missing.yaml") + ":1:1: error: can't read the file: No such file or directory");
    const load_result folder = load_file(path("keys"));
    EXPECT_EQ(folder.diagnostics.at(0).message, "can't read the file: Is a directory");
}

/// Of this process: what others do on the machine doesn't count.
std::chrono::duration<double> processor_time() {
    return std::chrono::duration<double>(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
}

TEST(load, requirements_that_nest_deeply_are_compared_quickly) {
    const auto nest = [](const std::string& leaf) {
        std::string text = "{roles: [" + leaf + "]}";
        for (int i = 0; i < 26; ++i) {
            text = i % 2 == 0 ? "{not: " + text + "}" : "{any: [" + text + "], roles: [x]}";
        }
        return text;
    };
    const auto before = processor_time();
    const configuration made = load("defaults: {upstream: app, providers: [main]}\nroutes: [{prefix: /, require: " + nest("a") +
                                    "}, {prefix: /b, require: " + nest("b") + "}, {prefix: /b/c, require: " + nest("a") + "}]\n");
    EXPECT_EQ(made.rules->routes.routes().size(), 3U);
    EXPECT_LT(processor_time() - before, 10s);
}

TEST(load, ten_thousand_routes_take_seconds_at_most) {
    std::string routes = "defaults: {upstream: app, providers: [main], require: {roles: [user]}}\nroutes:\n";
    for (int i = 0; i < 10'000; ++i) {
        routes += "  - prefix: /api/v" + std::to_string(i % 10) + "/things" + std::to_string(i) + "/{id}\n";
    }
    const auto before = processor_time();
    const configuration made = load(routes);
    EXPECT_EQ(made.rules->routes.routes().size(), 10'000U);
    EXPECT_LT(processor_time() - before, 30s) << "measured without optimisation, perhaps under a sanitizer";
}

TEST(load, a_mebibyte_of_errors_is_reported_in_full_and_in_seconds) {
    std::string text = "version: 1\nroutes:\n";
    std::size_t lines = 0;
    while (text.size() < 1024 * 1024) {
        text += "  - {prefx: /x}\n";
        ++lines;
    }
    const auto before = processor_time();
    const load_result result = load_text(text, "test.yaml", options());
    EXPECT_GE(result.diagnostics.size(), 2 * lines);
    EXPECT_LT(processor_time() - before, 50s) << "measured without optimisation, perhaps under a sanitizer";
}

} // namespace
} // namespace bearward::config

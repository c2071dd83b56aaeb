// The forms in which commands print: tables, JSON, words, routes.
#include "config/configuration.hpp"
#include "proxy/commands/json_text.hpp"
#include "proxy/commands/routes.hpp"
#include "proxy/commands/table.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <sstream>

namespace bearward::proxy::commands {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(to_columns, cells_stand_under_each_other_and_lines_end_without_blanks) {
    EXPECT_EQ(to_columns({{"a", "bb", "c"}, {"\xC3\xA4\xC3\xB6\xC3\xBC", "d"}, {"x", "", ""}}),
              "a    bb  c\n\xC3\xA4\xC3\xB6\xC3\xBC  d\nx\n");
    EXPECT_EQ(to_columns({}), "");
}

TEST(append_pretty_json, is_json_again) {
    const auto value =
        boost::json::parse(R"({"a": [1, "x", null], "b": {"c": [], "d": {}, "e": [{"f": true}, [1]]}, "": "\u0007\u2028\"\\"})");
    std::string out;
    append_pretty_json(out, value);
    EXPECT_EQ(boost::json::parse(out), value);
    EXPECT_THAT(out, StartsWith("{\n  \"a\": [1, \"x\", null],\n"));
}

TEST(to_words, says_values_without_needless_quotes) {
    const auto words = [](const char* json) { return to_words(boost::json::parse(json)); };
    EXPECT_EQ(words("null"), "none");
    EXPECT_EQ(words("[]"), "none");
    EXPECT_EQ(words(R"("")"), "none");
    EXPECT_EQ(words(R"(["a", "b c"])"), R"(a, "b c")");
    EXPECT_EQ(words(R"({"iss": "x", "n": 5})"), "iss x, n 5");
    EXPECT_EQ(words(R"("\u001b[0m")"), R"("\u001b[0m")");
}

TEST(list_routes, tells_what_serves_most_specific_first) {
    const auto result = config::load_text(R"(version: 1
listen: [{address: 127.0.0.1:1, name: public}, {address: 127.0.0.1:2, name: inner}]
upstreams: {app: {servers: [127.0.0.1:3]}}
providers: {main: {type: jwt, audiences: [a], algorithms: [HS256], keys: {secret: {file: secret}}}}
policies: {staff: {any: [{roles: [admin]}, {not: {claims: {plan: free}}}]}}
cors: {allow_origins: ["https://a.test", "https://*.b.test"]}
defaults: {upstream: app, providers: [main]}
routes:
  - {prefix: /, name: root, auth: optional}
  - {prefix: "/t/{id}", name: tenant, hosts: ["*.example.com"], methods: [GET, PUT], listeners: [inner], require: {tenant: "{id}", policy: staff}, mode: observe, cors: pass}
  - {exact: /login, name: login, auth: none, websocket: off, cors: off}
)",
                                          "test.yaml", {.offline = true});
    std::istringstream lines(list_routes(result.loaded.value()));
    std::vector<std::string> words;
    std::string line;
    std::vector<std::string> squeezed;
    while (std::getline(lines, line)) {
        std::istringstream in(line);
        std::string all;
        for (std::string word; in >> word;) {
            all += (all.empty() ? "" : " ") + word;
        }
        squeezed.push_back(all);
    }
    EXPECT_THAT(squeezed,
                ElementsAre(StartsWith("PATH"), "exact /login any any any public off off app login -",
                            "prefix /t/{id} *.example.com GET,PUT inner main on pass app tenant tenant: {id}, policy: [staff] (observe)",
                            "prefix / any any any main or anonymous on https://a.test,https://*.b.test app root -"));
}

} // namespace
} // namespace bearward::proxy::commands

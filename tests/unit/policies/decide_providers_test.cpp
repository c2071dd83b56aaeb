// Which provider judges a token.
#include "tests/unit/policies/decide_fixture.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Headers {"alg":"RS256"}, payloads {"iss":"https://a/"}, {"iss":"https://b/"}, {}.
constexpr std::string_view token_of_a = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EvIn0.c2ln";
constexpr std::string_view token_of_b = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2IvIn0.c2ln";
constexpr std::string_view token_of_none = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";

class providers_test : public decide_test {
protected:
    providers_test() {
        rules.providers = {make_provider("a", "https://a/"), make_provider("b", "https://b/"), make_provider("any")};
        for (const std::string name : {"a", "b", "any"}) {
            for (const std::string_view token : {token_of_a, token_of_b, token_of_none}) {
                source.known[name + ":" + std::string(token)] = make_token(name, "t", {});
            }
        }
    }
    std::string chosen(std::vector<std::uint32_t> among, std::string_view token) {
        routes.clear();
        add("/").providers = std::move(among);
        source.asked.clear();
        authorize(token);
        const decision made = run("/");
        EXPECT_LE(source.asked.size(), 1U) << "none is tried after another";
        const permit* leave = std::get_if<permit>(&made);
        return leave != nullptr ? leave->who()->user : std::string(to_string(std::get<denial>(made).why));
    }
};

TEST_F(providers_test, a_token_goes_to_the_provider_of_its_issuer_only) {
    EXPECT_EQ(chosen({0, 1}, token_of_a), "a");
    EXPECT_EQ(chosen({0, 1}, token_of_b), "b");
    EXPECT_EQ(chosen({2, 1, 0}, token_of_b), "b");
}

TEST_F(providers_test, other_tokens_go_to_the_provider_without_issuer) {
    EXPECT_EQ(chosen({0, 2}, token_of_b), "any");
    EXPECT_EQ(chosen({0, 2}, token_of_none), "any");
    EXPECT_EQ(chosen({0, 2}, "opaque"), "signature_invalid");
    EXPECT_THAT(source.asked, ElementsAre("any:opaque"));
}

TEST_F(providers_test, where_no_provider_fits_the_issuer_is_refused) {
    rules.providers.push_back(make_provider("c", "https://c/"));
    EXPECT_EQ(chosen({0, 3}, token_of_b), "issuer_mismatch");
    EXPECT_THAT(source.asked, IsEmpty());
}

TEST_F(providers_test, a_single_provider_judges_every_token_itself) {
    EXPECT_EQ(chosen({0}, token_of_b), "a") << "the verifier compares the issuer, after the signature";
}

TEST_F(providers_test, a_token_is_only_for_providers_whose_header_carried_it) {
    rules.providers[1].names.header = "X-Token";
    routes.clear();
    rules::route& route = add("/");
    route.providers = {0, 1};
    route.credential_names = {rules.providers[0].names, rules.providers[1].names};
    headers = {{"X-Token", token_of_a}};
    EXPECT_EQ(denied("/").why, reason::issuer_mismatch) << "it goes to its issuer's provider only, which takes no tokens from there";
    EXPECT_THAT(source.asked, IsEmpty());
    headers = {{"X-Token", token_of_b}};
    EXPECT_EQ(permitted("/").who()->user, "b");
    EXPECT_EQ(permitted("/").token_header(), "X-Token");
    headers = {{"X-Token", token_of_none}};
    EXPECT_EQ(permitted("/").who()->user, "b") << "judged by the header's own provider, which will refuse the issuer";
}

TEST_F(providers_test, a_laxer_provider_is_not_chosen_by_moving_a_token_to_its_header) {
    rules.providers[2].names.header = "X-Token";
    routes.clear();
    rules::route& route = add("/");
    route.providers = {0, 2};
    route.credential_names = {rules.providers[0].names, rules.providers[2].names};
    headers = {{"X-Token", token_of_a}};
    EXPECT_EQ(denied("/").why, reason::issuer_mismatch);
    headers = {{"X-Token", token_of_b}};
    EXPECT_EQ(permitted("/").who()->user, "any");
}

} // namespace
} // namespace bearward::policies

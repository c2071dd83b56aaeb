// Where credentials are found, what counts as one, and what is left to forward.
#include "policies/requests/credentials.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace bearward::policies::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// {"alg":"HS256"} . {} . sig
constexpr std::string_view jws = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
constexpr std::string_view other_jws = "eyJhbGciOiJIUzI1NiJ9.e30.b3RoZXI";
// base64url of `jws`
constexpr std::string_view encoded_jws = "ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZTMwLmMybG4";

class credentials_test : public ::testing::Test {
protected:
    std::vector<header> headers;
    std::vector<credential_names> names{credential_names{}};
    token_places places{.header = true, .query = true, .subprotocol = true};
    std::string query;
    bool websocket = false;
    credential_scratch scratch;
    found_credentials found;

    reason search() {
        request_view request;
        request.method = "GET";
        request.query = query;
        request.websocket = websocket;
        request.headers = headers;
        const auto outcome = find_credentials(request, places, names, scratch, found);
        return outcome ? reason::ok : outcome.error();
    }
    void offer(std::string_view line) {
        websocket = true;
        headers.push_back({"Sec-WebSocket-Protocol", line});
    }
};

TEST_F(credentials_test, nothing_there_is_no_credential) {
    headers = {{"Host", "a"}, {"Cookie", "access_token=x"}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_FALSE(found.present);
    EXPECT_EQ(found.token, "");
}

TEST_F(credentials_test, the_scheme_dpop_is_one_where_a_provider_takes_it) {
    for (const std::string_view value : {"DPoP abc.def", "dpop abc.def", "DPOP   abc.def"}) {
        headers = {{"authorization", value}};
        names = {credential_names{}};
        EXPECT_EQ(search(), reason::ok);
        EXPECT_FALSE(found.present) << value << ": another scheme";
        names = {credential_names{.header = "X-Token"}, credential_names{}, credential_names{.dpop = true}};
        EXPECT_EQ(search(), reason::ok) << value;
        EXPECT_TRUE(found.present && found.in_header && found.dpop_scheme) << value;
        EXPECT_EQ(found.token, "abc.def") << value;
    }
    headers = {{"Authorization", "Bearer abc.def"}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_TRUE(found.present && !found.dpop_scheme);
}

TEST_F(credentials_test, dpop_without_one_token_is_malformed) {
    names = {credential_names{.dpop = true}};
    for (const std::string_view value : {"DPoP", "DPoP ", "DPoP a b", "DPoP a,b", "DPoP\ta", "DPoP Bearer a"}) {
        headers = {{"Authorization", value}};
        EXPECT_EQ(search(), reason::token_malformed) << value;
    }
    headers = {{"Authorization", "DPoPs a"}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_FALSE(found.present);
    headers = {{"Authorization", "DPoP a"}, {"Authorization", "Bearer a"}};
    EXPECT_EQ(search(), reason::token_multiple);
    headers = {{"X-Token", "DPoP a"}};
    names = {credential_names{.header = "X-Token", .dpop = true}};
    EXPECT_EQ(search(), reason::token_malformed) << "the scheme stands in Authorization alone";
}

TEST_F(credentials_test, bearer_in_any_case_and_with_more_spaces_is_found) {
    for (const std::string_view value : {"Bearer abc.def", "bearer abc.def", "BEARER abc.def", "bEaReR   abc.def"}) {
        headers = {{"authorization", value}};
        EXPECT_EQ(search(), reason::ok) << value;
        EXPECT_TRUE(found.present && found.in_header) << value;
        EXPECT_EQ(found.token, "abc.def") << value;
    }
}

TEST_F(credentials_test, bearer_without_exactly_one_token_is_a_malformed_credential) {
    for (const std::string_view value : {"Bearer", "bearer", "Bearer  ", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", "Bearer \"a\"",
                                         "Bearer a=b", "Bearer =", "Bearer \xC3\xA9", "Bearer\ta", "Bearer,a", "Bearer/a", "Bearer a\t"}) {
        headers = {{"Authorization", value}};
        EXPECT_EQ(search(), reason::token_malformed) << value;
        EXPECT_TRUE(found.present) << value;
    }
}

TEST_F(credentials_test, another_scheme_is_no_credential) {
    for (const std::string_view value : {"Basic dTpw", "Bearers a", "Bearer-x a", "Bear er a", "Digest x", "a.b.c", ""}) {
        headers = {{"Authorization", value}};
        EXPECT_EQ(search(), reason::ok) << value;
        EXPECT_FALSE(found.present) << value;
    }
}

TEST_F(credentials_test, a_repeated_header_is_refused_equal_or_not) {
    for (const std::string_view second : {"Bearer a", "Bearer b", "Basic x", ""}) {
        headers = {{"Authorization", "Bearer a"}, {"AUTHORIZATION", second}};
        EXPECT_EQ(search(), reason::token_multiple) << second;
    }
    headers = {{"Authorization", "Basic a"}, {"Authorization", "Basic a"}};
    EXPECT_EQ(search(), reason::token_multiple);
}

TEST_F(credentials_test, another_header_carries_the_token_raw_or_with_bearer) {
    names[0].header = "Cf-Access-Jwt-Assertion";
    for (const std::string_view value : {"abc", "Bearer abc", "bearer abc"}) {
        headers = {{"cf-access-jwt-assertion", value}, {"Authorization", "Bearer elsewhere"}};
        EXPECT_EQ(search(), reason::ok) << value;
        EXPECT_EQ(found.token, "abc") << value;
    }
    for (const std::string_view value : {"", "a b", "Bearer", "Basic a", "Bearer a b"}) {
        headers = {{"Cf-Access-Jwt-Assertion", value}};
        EXPECT_EQ(search(), reason::token_malformed) << value;
    }
}

TEST_F(credentials_test, the_names_say_which_providers_place_it_was) {
    names.push_back({.header = "X-Token", .query_parameter = "tok"});
    headers = {{"X-Token", "abc"}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.names, 1U);
    headers.clear();
    query = "tok=q";
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.names, 1U);
    EXPECT_EQ(found.token, "q");
}

TEST_F(credentials_test, the_same_token_under_two_names_counts_once_and_both_are_known) {
    names.push_back({.header = "X-Token", .query_parameter = "access_token"});
    headers = {{"Authorization", "Bearer abc"}, {"X-Token", "abc"}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.names, 0U);
    EXPECT_THAT(found.more_headers, ElementsAre("X-Token"));
    headers[1].value = "abd";
    EXPECT_EQ(search(), reason::token_multiple);
}

TEST_F(credentials_test, a_name_that_two_providers_share_is_looked_at_once) {
    names.push_back({.header = "authorization", .query_parameter = "access_token"});
    names.push_back({.header = "Authorization", .query_parameter = "other"});
    headers = {{"Authorization", "Bearer abc"}};
    query = "access_token=abc";
    EXPECT_EQ(search(), reason::ok);
    EXPECT_THAT(found.more_headers, IsEmpty());
}

TEST_F(credentials_test, a_form_writes_the_space_after_bearer_as_a_plus) {
    for (const std::string_view value : {"access_token=Bearer+abc", "access_token=bearer+abc", "access_token=Bearer%20abc"}) {
        query = value;
        EXPECT_EQ(search(), reason::ok) << value;
        EXPECT_EQ(found.token, "abc") << value;
    }
    for (const std::string_view value : {"access_token=Bearer+", "access_token=Bearer+a b", "access_token=Bearer++%20"}) {
        query = value;
        EXPECT_NE(search(), reason::ok) << value;
    }
    query = "access_token=a+b/c";
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.token, "a+b/c") << "a plus of the token's own stays";
}

TEST_F(credentials_test, the_header_is_left_alone_where_it_is_no_place) {
    places.header = false;
    headers = {{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_FALSE(found.present);
}

TEST_F(credentials_test, the_query_parameter_is_taken_out_and_the_rest_kept_byte_for_byte) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"access_token=abc", ""},
        {"access_token=abc&a=1", "a=1"},
        {"a=1&access_token=abc", "a=1"},
        {"a=1&access_token=abc&b=%zz+&&c", "a=1&b=%zz+&&c"},
        {"&access_token=abc", ""},
        {"&&access_token=abc&", "&&"},
        {"a=%61&access%5Ftoken=abc", "a=%61"},
        {"%61%63cess_token=abc&x", "x"},
        {"access_token=%61bc&x=1;y=2", "x=1;y=2"},
        {"access_token=Bearer%20abc&x", "x"},
        {"access_token=bearer%20%20abc&x", "x"},
    };
    for (const auto& [text, rest] : cases) {
        query = text;
        EXPECT_EQ(search(), reason::ok) << text;
        EXPECT_TRUE(found.in_query) << text;
        EXPECT_EQ(found.token, "abc") << text;
        EXPECT_EQ(found.remaining_query, rest) << text;
    }
}

TEST_F(credentials_test, other_parameters_are_no_credential) {
    for (const std::string_view text :
         {"Access_Token=a", "access_token2=a", "xaccess_token=a", "a;access_token=a", "a=access_token=a", "access+token=a",
          "access%255Ftoken=a", "access_toke=a", "=access_token", "access_token%=a", "?access_token=a", "&&&"}) {
        query = text;
        EXPECT_EQ(search(), reason::ok) << text;
        EXPECT_FALSE(found.present) << text;
        EXPECT_EQ(found.remaining_query, text);
    }
}

TEST_F(credentials_test, a_name_with_a_space_is_compared_after_decoding_pluses) {
    names[0].query_parameter = "my token";
    for (const std::string_view text : {"my+token=abc", "my%20token=abc"}) {
        query = text;
        EXPECT_EQ(search(), reason::ok) << text;
        EXPECT_EQ(found.token, "abc") << text;
    }
}

TEST_F(credentials_test, a_parameter_without_a_token_is_a_malformed_credential) {
    for (const std::string_view text : {"access_token", "access_token=", "access_token=a%20b", "access_token=%zz", "access_token=a%00",
                                        "access_token=a;b", "access_token=Bearer", "access_token=Bearer%20", "access_token=Bearer%40abc",
                                        "access_token=Bearer%2Cabcdefghijklmnopqrstuvwxyz", "access_token=a%2541"}) {
        query = text;
        EXPECT_EQ(search(), reason::token_malformed) << text;
        EXPECT_TRUE(found.present) << text;
    }
}

TEST_F(credentials_test, a_repeated_parameter_is_refused_equal_or_not) {
    for (const std::string_view text : {"access_token=a&access_token=a", "access_token=a&access_token=b",
                                        "access_token=a&b&access%5ftoken=a", "access_token&access_token", "access_token=a&access_token="}) {
        query = text;
        EXPECT_EQ(search(), reason::token_multiple) << text;
    }
}

TEST_F(credentials_test, the_query_is_untouched_where_it_is_no_place) {
    places.query = false;
    query = "access_token=a&access_token=b";
    EXPECT_EQ(search(), reason::ok);
    EXPECT_FALSE(found.present);
    EXPECT_EQ(found.remaining_query, query);
}

TEST_F(credentials_test, the_same_token_in_two_places_counts_once_and_two_tokens_are_refused) {
    headers = {{"Authorization", "Bearer abc"}};
    query = "access_token=ab%63&x";
    EXPECT_EQ(search(), reason::ok);
    EXPECT_TRUE(found.in_header && found.in_query);
    EXPECT_EQ(found.remaining_query, "x");
    query = "access_token=abd";
    EXPECT_EQ(search(), reason::token_multiple);
    query = "access_token=";
    EXPECT_EQ(search(), reason::token_multiple) << "a malformed one is a credential too";
}

TEST_F(credentials_test, two_parameters_of_two_providers_are_compared_decoded) {
    names.push_back({.header = "Authorization", .query_parameter = "tok"});
    query = "access_token=%61bcdefghijklmnopqrstuvwxyz&tok=a%62cdefghijklmnopqrstuvwxyz";
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.token, "abcdefghijklmnopqrstuvwxyz");
    EXPECT_EQ(found.remaining_query, "");
    query += "x";
    EXPECT_EQ(search(), reason::token_multiple);
}

TEST_F(credentials_test, a_marker_in_any_case_announces_the_next_entry) {
    for (const std::string_view marker : {"bearer", "Bearer", "BEARER", "access_token", "Access_Token"}) {
        headers.clear();
        const std::string line = "chat, " + std::string(marker) + ", opaque-1 ,v2";
        offer(line);
        EXPECT_EQ(search(), reason::ok) << marker;
        EXPECT_TRUE(found.in_subprotocol);
        EXPECT_EQ(found.token, "opaque-1");
        EXPECT_EQ(found.subprotocols.marker, marker);
        EXPECT_EQ(found.subprotocols.token_entry, "opaque-1");
        EXPECT_EQ(found.subprotocols.first, "chat");
        EXPECT_THAT(found.subprotocols.forwarded, ElementsAre("chat", "v2"));
    }
}

TEST_F(credentials_test, entries_that_carry_their_token_themselves_are_found) {
    const std::pair<std::string, std::string_view> cases[] = {
        {"Bearer abc", "abc"},
        {"bearer  abc", "abc"},
        {"bearer.abc", "abc"},
        {"Bearer." + std::string(jws), jws},
        {"base64url.bearer.authorization.k8s.io." + std::string(encoded_jws), jws},
        {std::string(jws), jws},
    };
    for (const auto& [entry, token] : cases) {
        headers.clear();
        const std::string line = entry + ", chat";
        offer(line);
        EXPECT_EQ(search(), reason::ok) << entry;
        EXPECT_EQ(found.token, token) << entry;
        EXPECT_EQ(found.subprotocols.token_entry, entry);
        EXPECT_EQ(found.subprotocols.marker, "");
        EXPECT_THAT(found.subprotocols.forwarded, ElementsAre("chat")) << entry;
    }
}

TEST_F(credentials_test, entries_that_only_resemble_a_token_are_forwarded) {
    for (const std::string_view entry :
         {"chat", "a.b.c", "v1.2.3", "graphql-ws", "base64.binary.k8s.io", "bearers", "bearerx.abc", "access_tokens", "e30.e30.c2ln",
          "eyJhbGciOiJIUzI1NiJ9.e30", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln.x", "WyJhbGciXQ.e30.x", "eyJhbGciOiJIUzI1NiJ.e30.x"}) {
        headers.clear();
        offer(entry);
        EXPECT_EQ(search(), reason::ok) << entry;
        EXPECT_FALSE(found.present) << entry;
        EXPECT_THAT(found.subprotocols.forwarded, ElementsAre(entry));
    }
}

TEST_F(credentials_test, a_jws_without_signature_is_still_a_token) {
    offer("eyJhbGciOiJub25lIn0.e30.");
    EXPECT_EQ(search(), reason::ok);
    EXPECT_TRUE(found.present);
    EXPECT_THAT(found.subprotocols.forwarded, IsEmpty());
}

TEST_F(credentials_test, a_marker_or_prefix_without_a_token_is_malformed_and_not_forwarded) {
    for (const std::string_view line : {"bearer", "chat, bearer", "access_token", "bearer,", "bearer.", "bearer, access_token",
                                        "bearer, a b", "bearer a b", "base64url.bearer.authorization.k8s.io.",
                                        "base64url.bearer.authorization.k8s.io.YQ==", "base64url.bearer.authorization.k8s.io.YR",
                                        "base64url.bearer.authorization.k8s.io.YSBi", "base64url.bearer.authorization.k8s.io.A"}) {
        headers.clear();
        offer(line);
        EXPECT_EQ(search(), reason::token_malformed) << line;
        for (const std::string_view entry : found.subprotocols.forwarded) {
            EXPECT_EQ(entry, "chat") << line;
        }
    }
}

TEST_F(credentials_test, several_lines_are_one_list) {
    offer("chat, bearer");
    offer(jws);
    headers.push_back({"sec-websocket-protocol", ", ,v2"});
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.token, jws);
    EXPECT_THAT(found.subprotocols.forwarded, ElementsAre("chat", "v2"));
}

TEST_F(credentials_test, the_same_token_in_two_entries_counts_once_and_two_tokens_are_refused) {
    const std::string same = "bearer, " + std::string(jws) + ", " + std::string(jws) + ", base64url.bearer.authorization.k8s.io." +
                             std::string(encoded_jws) + ", bearer." + std::string(jws);
    offer(same);
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.token, jws);
    EXPECT_THAT(found.subprotocols.forwarded, IsEmpty());
    headers.clear();
    const std::string different = std::string(jws) + ", " + std::string(other_jws);
    offer(different);
    EXPECT_EQ(search(), reason::token_multiple);
    EXPECT_THAT(found.subprotocols.forwarded, IsEmpty());
    EXPECT_EQ(found.subprotocols.token_entry, jws) << "the echo of a rejection needs it";
}

TEST_F(credentials_test, a_token_that_stands_once_more_without_its_marker_is_not_forwarded) {
    offer("opaque, bearer, opaque, chat, opaque");
    EXPECT_EQ(search(), reason::ok);
    EXPECT_EQ(found.token, "opaque");
    EXPECT_THAT(found.subprotocols.forwarded, ElementsAre("chat"));
}

TEST_F(credentials_test, all_three_places_with_one_token_are_one_credential) {
    const std::string authorization = "Bearer " + std::string(jws);
    headers = {{"Authorization", authorization}};
    query = "access_token=" + std::string(jws);
    offer(jws);
    EXPECT_EQ(search(), reason::ok);
    EXPECT_TRUE(found.in_header && found.in_query && found.in_subprotocol);
    query = "access_token=" + std::string(other_jws);
    EXPECT_EQ(search(), reason::token_multiple);
}

TEST_F(credentials_test, thousands_of_entries_do_not_multiply) {
    std::string line;
    for (int count = 0; count < 20'000; ++count) {
        line += "bearer.a" + std::to_string(count) + ",b" + std::to_string(count) + ",";
    }
    line += "c";
    offer(line);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(search(), reason::token_multiple);
    EXPECT_EQ(found.subprotocols.forwarded.size(), 20'001U);
    // Each entry against each token would take a minute.
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(credentials_test, where_subprotocols_are_no_place_they_carry_no_credential_but_tokens_stay_back) {
    places.subprotocol = false;
    const std::string line = "chat, bearer, " + std::string(jws) + ", " + std::string(other_jws);
    offer(line);
    EXPECT_EQ(search(), reason::ok);
    EXPECT_FALSE(found.present);
    EXPECT_THAT(found.subprotocols.forwarded, ElementsAre("chat"));
}

TEST_F(credentials_test, an_ordinary_request_has_no_subprotocols) {
    headers = {{"Sec-WebSocket-Protocol", jws}};
    EXPECT_EQ(search(), reason::ok);
    EXPECT_FALSE(found.present);
}

TEST_F(credentials_test, keeping_subprotocols_forwards_every_entry_and_still_knows_the_marker) {
    const std::string line = "bearer, " + std::string(jws) + ", chat";
    offer(line);
    request_view request;
    request.websocket = true;
    request.headers = headers;
    const subprotocol_offer kept = keep_subprotocols(request);
    EXPECT_THAT(kept.forwarded, ElementsAre("bearer", jws, "chat"));
    EXPECT_EQ(kept.marker, "bearer");
    EXPECT_THAT(split_subprotocols(request).forwarded, ElementsAre("chat"));
}

TEST(equal_names_test, compares_without_case_and_folds_only_when_asked) {
    EXPECT_TRUE(equal_names("X-User-Id", "x-user-ID"));
    EXPECT_FALSE(equal_names("X-User-Id", "X_User_Id"));
    EXPECT_TRUE(equal_folded_names("X-User-Id", "x_user-ID"));
    EXPECT_TRUE(equal_folded_names("X-User-Id", "X.User!Id"));
    EXPECT_FALSE(equal_folded_names("X-User-Id", "XUserId"));
    EXPECT_FALSE(equal_folded_names("X-User-Id", "X-User-Ids"));
    EXPECT_FALSE(equal_names("[", "{")) << "only letters have a case";
}

} // namespace
} // namespace bearward::policies::requests

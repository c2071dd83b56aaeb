// Policy tests as the user wrote them: plain values, as in settings.hpp.
#pragma once

#include "config/place.hpp"
#include "policies/reason.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

/// A header of a test's request, or one that is expected.
struct test_header {
    std::string name;
    std::string value; ///< expected empty: the header is not there
    place at;
};

struct test_request {
    std::string method = "GET";
    std::string path; ///< with the query, if any
    std::string host = "localhost";
    bool websocket = false;
    std::vector<test_header> headers;
    located_text listener; ///< empty: the first
};

/// What a verified credential would say.
struct test_identity {
    located_text provider; ///< empty: the route's first
    std::string user;
    std::vector<std::string> tenants; ///< more than one: several at once
    std::vector<std::string> roles;
    std::vector<std::string> scopes;
    boost::json::object claims;
};

/// What is absent is not looked at; something is there.
struct test_expectation {
    std::optional<unsigned> status; ///< 200: forwarded
    std::optional<policies::reason> why;
    located_text route; ///< empty: not looked at
    std::vector<test_header> headers;
    std::optional<unsigned> close;
};

/// One policy test.
struct test_settings {
    std::string name; ///< empty: its method and path
    test_request request;
    std::optional<test_identity> identity; ///< nothing: no credential
    test_expectation expect;
    place at;
};

} // namespace bearward::config

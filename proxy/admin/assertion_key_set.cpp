#include "proxy/admin/assertion_key_set.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace bearward::proxy {

boost::json::object describe_assertion_keys(const policies::snapshot& rules) {
    boost::json::array keys;
    if (rules.assertion) {
        keys.push_back(boost::json::parse(rules.assertion->public_jwk));
    }
    return {{"keys", std::move(keys)}};
}

} // namespace bearward::proxy

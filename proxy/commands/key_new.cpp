#include "proxy/commands/key_new.hpp"

#include "policies/jose/availability.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/thumbprint.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <iostream>

namespace bearward::proxy::commands {

namespace jose = policies::jose;

std::expected<key_pair, std::string> make_key_pair(const std::string& algorithm) {
    const auto known = jose::parse_algorithm(algorithm);
    if (!known) {
        return std::unexpected("--alg is not an algorithm that Bearward verifies, such as RS256, ES256 or EdDSA");
    }
    if (!jose::is_available(*known)) {
        return std::unexpected(jose::describe_lack(*known));
    }
    if (algorithm.starts_with("HS")) {
        return std::unexpected(algorithm +
                               " has a shared secret, not a key pair; make one with: head -c 64 /dev/urandom | base64 -w 0 > secret");
    }
    const auto key = jose::signing_key::generate(*known);
    const auto id = jose::jwk_thumbprint(boost::json::parse(key.jwk(*known, "")).as_object());
    if (!id) {
        return std::unexpected("the key has no thumbprint");
    }
    auto jwk = boost::json::parse(key.jwk(*known, *id));
    key_pair made{.private_pem = key.private_pem(), .public_set = {}};
    append_pretty_json(made.public_set, boost::json::object{{"keys", boost::json::array{std::move(jwk)}}});
    made.public_set += '\n';
    return made;
}

int make_key(const key_options& options) {
    const auto made = make_key_pair(options.algorithm);
    if (!made) {
        std::cerr << "bearward key new: " << made.error() << '\n';
        return 1;
    }
    std::cout << made->private_pem << made->public_set << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands

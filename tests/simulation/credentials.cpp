#include "tests/simulation/credentials.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"
#include "tests/simulation/kernel.hpp"

#include <map>
#include <tuple>

namespace bearward::simulation {
namespace {

enum class kind { good, expired, forged, other_audience, no_signature, revoked, short_lived, named };

constexpr std::string_view revoked_id = "withdrawn";

/// `seconds`: from the scenario's begin to the expiry.
std::string sign(const credential& of, kind what, long seconds) {
    const outside real;
    using policies::jose::encode_base64url;
    const auto expires =
        static_cast<long>(kernel::started_at) + std::chrono::floor<std::chrono::seconds>(timeline::started_at).count() + seconds;
    const std::string claims = R"({"iss":"https://id.test/","aud":")" + std::string(what == kind::other_audience ? "other" : "app") +
                               R"(","sub":")" + of.user + R"(","tid":")" + of.tenant + R"(","roles":[")" + of.role + R"("],"jti":")" +
                               of.id + R"(","exp":)" + std::to_string(expires) + "}";
    const bool bare = what == kind::no_signature;
    const std::string input =
        encode_base64url(bare ? R"({"alg":"none","typ":"JWT"})" : R"({"alg":"HS256","typ":"JWT"})") + '.' + encode_base64url(claims);
    const auto secret = what == kind::forged ? "a secret that somebody else has, 32 bytes or more" : std::string(token_secret);
    const auto signature = policies::jose::signing_key::from_secret(secret).sign(policies::jose::algorithm::hs256, input);
    return input + '.' + (bare ? std::string{} : encode_base64url(*signature));
}

const credential& find(kind what, unsigned person, unsigned seconds) {
    static std::map<std::tuple<kind, unsigned, unsigned>, credential> known;
    auto& found = known[{what, person, seconds}];
    if (!found.given()) {
        static constexpr const char* users[] = {"ada", "bob", "eve"};
        static constexpr const char* tenants[] = {"acme", "globex", "acme"};
        static constexpr const char* roles[] = {"admin", "reader", "writer"};
        found.user = users[person];
        found.tenant = tenants[person];
        found.role = roles[person];
        found.id = what == kind::revoked ? revoked_id : what == kind::named ? found.user + "-" + std::to_string(seconds) : "fresh";
        found.genuine =
            what == kind::good || what == kind::short_lived || what == kind::named || what == kind::expired || what == kind::revoked;
        found.revoked = what == kind::revoked;
        const long lifetime = what == kind::expired                              ? -10
                              : what == kind::short_lived || what == kind::named ? static_cast<long>(seconds)
                                                                                 : 1'000'000;
        found.expires = timeline::started_at + std::chrono::seconds(lifetime);
        found.token = sign(found, what, lifetime);
    }
    return found;
}

} // namespace

const credential& choose_credential(choices& random) {
    static const credential none;
    const auto person = static_cast<unsigned>(random.below(person_count));
    const auto number = random.below(100);
    if (number < 15) {
        return none;
    }
    if (number < 65) {
        return find(kind::good, person, 0);
    }
    static constexpr kind bad[] = {kind::expired, kind::forged, kind::other_audience, kind::no_signature, kind::revoked};
    if (number < 90) {
        return find(random.one_of(bad), person, 0);
    }
    return find(kind::short_lived, person, static_cast<unsigned>(random.between(1, 8)));
}

const credential& credential_until(unsigned seconds) {
    return find(kind::short_lived, 1, seconds);
}

const credential& named_credential(unsigned person, unsigned seconds) {
    return find(kind::named, person, seconds);
}

std::string revocation_lines() {
    return "jti:" + std::string(revoked_id) + "\n";
}

} // namespace bearward::simulation

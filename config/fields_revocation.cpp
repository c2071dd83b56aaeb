#include "config/fields_revocation.hpp"

#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/fields.hpp"
#include "config/fields_receivers.hpp"
#include "config/values.hpp"
#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

using namespace std::chrono_literals;

/// Names of Redis, which are bytes to it: what can't be read in a message is a mistake.
codec<std::string> redis_name(const std::string& expected) {
    return parsed<std::string>(
        expected,
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool good = written.size() <= 128 && std::ranges::all_of(written, [](char byte) { return byte > 0x20 && byte < 0x7F; });
            return good ? std::expected<std::string, std::string>(written)
                        : std::unexpected("expected at most 128 printable ASCII characters without blanks");
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

bool check_redis(reading& state, const cursor& at, const redis_settings& redis) {
    if (!redis.tls && !is_local(redis.address.value)) {
        state.note(redis.address.at, quote(redis.address.value.text) +
                                         " is reached over a network without tls: whoever is in between can revoke, and take back");
    }
    bool good = true;
    if (!redis.username.empty() && !redis.password.given) {
        good = state.error(at, "username needs a password: a name alone is not sent");
    }
    if (redis.tls && !redis.tls->at.path.empty() && redis.tls->verify && redis.tls->server_name.empty() &&
        !redis.address.value.unix_path.empty()) {
        state.error(redis.tls->at, "needs server_name: a unix socket has no name that the certificate could have");
        good = false;
    }
    return good;
}

const section<redis_settings>& redis_fields() {
    static const section<redis_settings> declared =
        section<redis_settings>("redis")
            .field("address", &redis_settings::address, placed(server_address()), "host:port, [v6]:port or unix:/path.", presence::required)
            .field("tls", &redis_settings::tls, upstream_tls(), "TLS towards Redis; {} is enough.")
            .field("username", &redis_settings::username, absent_if_empty(redis_name("a user of Redis' ACL")),
                   "Whose password it is. Default: Redis' default user.")
            .field("password", &redis_settings::password, secret(), "A file is read again at each connection.")
            .field("key_prefix", &redis_settings::key_prefix, redis_name("the beginning of the names of keys and channels"),
                   "The sorted set and the channel of revocations are called PREFIXrevocations.")
            .field("refresh", &redis_settings::refresh, duration(1s, 1h),
                   "How often all of it is read again, beside the changes that Redis tells of.")
            .field("fail", &redis_settings::fail, word<redis_failure>({{"open", redis_failure::open}, {"closed", redis_failure::closed}}),
                   "While Redis can't be reached: open: the last state counts; closed: 503 revocation_unavailable.", presence::required)
            .check(check_redis);
    return declared;
}

} // namespace

const section<revocation_settings>& revocation_fields() {
    static const section<revocation_settings> declared =
        section<revocation_settings>("revocation")
            .field("file", &revocation_settings::file, absent_if_empty(placed(file_path())),
                   "Lines `jti:ID`, `sid:ID`, `user:ID` and `tenant:ID`, each maybe followed by `until:2027-01-01T00:00:00Z`; IDs are "
                   "percent-decoded; "
                   "`#` at the start of a line or after white space starts a comment. Read again when it changes.")
            .field("redis", &revocation_settings::redis, maybe(nested("redis", &redis_fields)),
                   "The same facts, shared by all processes that name the same Redis; POST /revoke writes there.")
            .field("back_channel_logout", &revocation_settings::logout, back_channel_logout(),
                   "The issuer tells that a session or a user has logged out (OpenID Connect Back-Channel Logout 1.0): tokens with that "
                   "`sid`, "
                   "or `sub`, that were issued before count no longer.")
            .field("events", &revocation_settings::events, security_events(),
                   "The issuer tells of security events (Shared Signals Framework, pushed by RFC 8935): CAEP session-revoked and "
                   "token-claims-change, RISC account-disabled.")
            .check([](reading& state, const cursor& at, const revocation_settings& read) {
                return !read.file.value.empty() || read.redis || read.logout || read.events ||
                       state.error(at, "names nothing that revokes; expected file, redis, back_channel_logout or events");
            });
    return declared;
}

} // namespace bearward::config

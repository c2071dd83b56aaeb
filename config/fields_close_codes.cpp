// The declaration of `websocket.close_code`.
#include "config/section.hpp"
#include "config/values.hpp"

namespace bearward::config {

namespace {

using codes = policies::close_codes;

using policies::close_code::first_private;
using policies::close_code::last_private;
using policies::close_code::policy_violation;

codec<std::uint16_t> close_code() {
    const codec<std::int64_t> number = whole_number(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    codec<std::uint16_t> made;
    made.form.type = shape::kind::choice;
    made.form.parts = {whole_number(policy_violation, policy_violation).form, whole_number(first_private, last_private).form};
    made.form.expected = "1008, or a whole number between 4000 and 4999";
    made.read = [number](reading& state, const cursor& at, std::uint16_t& out) {
        std::int64_t value = 0;
        if (!number.read(state, at, value)) {
            return false;
        }
        if (value != policy_violation && (value < first_private || value > last_private)) {
            return state.error(at, "must be 1008, or between 4000 and 4999 (the codes that applications may define)" + describe(at.value));
        }
        out = static_cast<std::uint16_t>(value);
        return true;
    };
    made.show = [](const std::uint16_t& value) -> boost::json::value { return value; };
    return made;
}

const section<codes>& close_code_fields() {
    static const section<codes> declared =
        section<codes>("close_code")
            .field("400", &codes::on_400, maybe(close_code()), "More than one credential.")
            .field("401", &codes::on_401, maybe(close_code()), "What would be answered 401.")
            .field("403", &codes::on_403, maybe(close_code()), "What would be answered 403.")
            .field("429", &codes::on_429, maybe(close_code()), "A rate limit. Default: 1013.")
            .field("expired", &codes::expired, maybe(close_code()),
                   "An expired token, at the handshake or while the socket is open. Default: that of 401.")
            .field("revoked", &codes::revoked, maybe(close_code()), "A revoked token, likewise. Default: that of 401.")
            .field("default", &codes::otherwise, close_code(), "Whatever has no code of its own here.")
            .check([](reading& state, const cursor& at, const codes&) {
                return !at.value.entries.empty() ||
                       state.error(at,
                                   "the map is empty; expected a code for at least one of 400, 401, 403, 429, expired, revoked, default");
            });
    return declared;
}

} // namespace

codec<codes> close_codes() {
    const codec<codes> one = converted<codes, std::uint16_t>(
        close_code(), [](std::uint16_t code) { return codes{.otherwise = code}; }, [](const codes& all) { return all.otherwise; });
    const codec<codes> several = nested("close_code", &close_code_fields);
    codec<codes> made = choice<codes>({{is_scalar, one}, {is_map, several}}, [one, several](const codes& all) -> boost::json::value {
        return all == codes{.otherwise = all.otherwise} ? one.show(all) : several.show(all);
    });
    made.form.expected = "1008, a whole number between 4000 and 4999, or a map of such (close_code)";
    return made;
}

} // namespace bearward::config

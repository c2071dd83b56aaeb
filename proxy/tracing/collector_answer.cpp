#include "proxy/tracing/collector_answer.hpp"

#include "policies/ascii.hpp"
#include "policies/text.hpp"

#include <boost/json/parse.hpp>

namespace bearward::proxy::tracing {
namespace {

namespace json = boost::json;

/// A 64-bit integer is a text in protobuf's JSON, and some write a number.
std::size_t read_count(const json::value& from) {
    if (const auto* const text = from.if_string()) {
        return policies::parse_decimal<std::size_t>(std::string_view(*text)).value_or(0);
    }
    boost::system::error_code failed;
    const auto number = from.to_number<std::size_t>(failed);
    return failed ? 0 : number;
}

} // namespace

collector_answer read_collector_answer(unsigned status, std::string_view body) {
    if (status < 200 || status > 299) {
        std::string why = "answered " + std::to_string(status);
        return {.refused = std::nullopt,
                .why = status >= 300 && status < 400 ? why + ", and redirections are not followed" : std::move(why)};
    }
    boost::system::error_code failed;
    const json::value read = json::parse(body, failed);
    const auto* const object = failed ? nullptr : read.if_object();
    const auto* const partial = object == nullptr ? nullptr : object->if_contains("partialSuccess");
    if (partial == nullptr || !partial->is_object()) {
        return {.refused = 0, .why = {}}; // a body that can't be read says nothing of the spans
    }
    const auto* const count = partial->get_object().if_contains("rejectedSpans");
    const std::size_t refused = count == nullptr ? 0 : read_count(*count);
    return {.refused = refused, .why = "refused " + std::to_string(refused) + " spans of a batch"};
}

} // namespace bearward::proxy::tracing
